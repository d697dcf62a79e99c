using System.Globalization;

namespace Modeldrop.Pages;

/// <summary>Formats numbers, shares and times for pages, plots and reports: one culture, UTC.</summary>
public static class Figures
{
    /// <summary>The smallest p-value that a double stores with all its digits.</summary>
    private const double LeastPValue = 1e-300;

    /// <summary>A whole number: <c>1,234</c>.</summary>
    public static string Count(double count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A number of things: <c>1 row</c>, <c>2 rows</c>.</summary>
    public static string Count(long count, string thing) => $"{Count(count)} {thing}{(count == 1 ? "" : "s")}";

    /// <summary>A number in its shortest form: <c>0.001</c>, <c>5</c>.</summary>
    public static string Plain(double value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>A distance: <c>0.123</c>; empty for null.</summary>
    public static string Distance(double? distance) => distance?.ToString("0.000", CultureInfo.InvariantCulture) ?? "";

    /// <summary>A metric: <c>0.8312</c>.</summary>
    public static string Metric(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);

    /// <summary>A metric, with its bounds if it has them: <c>0.8312 (0.8100 to 0.8500)</c>.</summary>
    public static string Metric(double value, double? low, double? high) => low is { } from && high is { } to
        ? $"{Metric(value)} ({Metric(from)} to {Metric(to)})"
        : Metric(value);

    /// <summary>A difference of metrics: <c>+0.0120</c>, <c>-0.0031</c>, <c>0</c>.</summary>
    public static string Difference(double value) => value.ToString("+0.0000;-0.0000;0", CultureInfo.InvariantCulture);

    /// <summary>At most three decimals: <c>0.25</c>, <c>12.125</c>.</summary>
    public static string Short(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);

    /// <summary>One decimal: <c>6.0</c>.</summary>
    public static string Tenths(double value) => value.ToString("0.0", CultureInfo.InvariantCulture);

    /// <summary>Two decimals: <c>0.25</c>.</summary>
    public static string Hundredths(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    /// <summary>Five digits for any size: <c>12.345</c>; empty for null.</summary>
    public static string Digits(double? value) => value?.ToString("G5", CultureInfo.InvariantCulture) ?? "";

    /// <summary>A figure of any size in few characters: <c>0.123</c>, <c>12.3</c>, <c>4,500</c>, <c>1.2e7</c>.</summary>
    public static string Compact(double value) => Math.Abs(value) switch
    {
        0 => "0",
        >= 1e6 => value.ToString("0.#e0", CultureInfo.InvariantCulture),
        >= 1000 => Count(value),
        >= 10 => value.ToString("0.#", CultureInfo.InvariantCulture),
        >= 0.001 => Short(value),
        _ => value.ToString("0.#e-0", CultureInfo.InvariantCulture),
    };

    /// <summary>A share, with one more decimal when it is below a hundredth: <c>12.3 %</c>, <c>0.25 %</c>.</summary>
    public static string Share(double share) =>
        share.ToString(share is > 0 and < 0.01 ? "0.00 %" : "0.0 %", CultureInfo.InvariantCulture);

    /// <summary>A share without decimals: <c>12 %</c>.</summary>
    public static string WholeShare(double share) => share.ToString("0 %", CultureInfo.InvariantCulture);

    /// <summary>A share with at most <paramref name="decimals"/> decimals: <c>5 %</c>, <c>0.25 %</c>.</summary>
    public static string Percent(double share, int decimals) =>
        (share * 100).ToString($"0.{new string('#', decimals)}", CultureInfo.InvariantCulture) + " %";

    /// <summary>A p-value: <c>0.65</c>, <c>0.0031</c>, <c>2e-8</c>, <c>&lt; 1e-300</c>.</summary>
    public static string PValue(double p) => p switch
    {
        < LeastPValue => "< 1e-300",
        < 0.001 => p.ToString("0e-0", CultureInfo.InvariantCulture),
        < 0.01 => p.ToString("0.0000", CultureInfo.InvariantCulture),
        < 0.1 => p.ToString("0.000", CultureInfo.InvariantCulture),
        _ => p.ToString("0.00", CultureInfo.InvariantCulture),
    };

    /// <summary>A p-value after its relation: <c>= 0.65</c>, <c>&lt; 1e-300</c>.</summary>
    public static string Chance(double p) => p < LeastPValue ? PValue(p) : $"= {PValue(p)}";

    /// <summary><c>2026-05-06</c>.</summary>
    public static string Day(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary><c>2026-05-06 12:00</c>.</summary>
    public static string Minute(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    /// <summary><c>2026-05-06 12:00:00</c>.</summary>
    public static string Second(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary><c>2026-05-06 12:00:00Z</c>.</summary>
    public static string Utc(DateTimeOffset at) => at.ToString("u", CultureInfo.InvariantCulture);

    /// <summary>The format in addresses and markup: <c>2026-05-06T12:00:00Z</c>.</summary>
    public static string Instant(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
