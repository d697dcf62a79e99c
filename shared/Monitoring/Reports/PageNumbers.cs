using System.Globalization;

namespace Modeldrop.Monitoring.Reports;

/// <summary>Numbers as people read them.</summary>
internal static class PageNumbers
{
    /// <summary>Below it a double says nothing.</summary>
    private const double Least = 1e-300;

    private const double Plain = 0.001;

    /// <summary><c>&lt; 1e-300</c>, <c>3.2e-7</c>, <c>0.0042</c>, <c>0.65</c>, <c>1</c>.</summary>
    public static string PValue(double value) =>
        value < Least ? "< 1e-300"
        : value < Plain ? value.ToString("0.#e-0", CultureInfo.InvariantCulture)
        : value < 0.01 ? value.ToString("0.####", CultureInfo.InvariantCulture)
        : value < 0.1 ? value.ToString("0.###", CultureInfo.InvariantCulture)
        : value.ToString("0.##", CultureInfo.InvariantCulture);

    public static string Share(double share) => share.ToString(share is > 0 and < 0.01 ? "0.00 %" : "0.0 %", CultureInfo.InvariantCulture);

    public static string Fixed(double? value) => value?.ToString("0.000", CultureInfo.InvariantCulture) ?? "";

    public static string Hour(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}
