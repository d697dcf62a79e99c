using System.Globalization;

namespace Modeldrop.Plots;

/// <summary>Numbers as people read them.</summary>
public static class PlotNumbers
{
    /// <summary>The least p-value that a double can tell from 0 with all its digits.</summary>
    private const double Least = 1e-300;

    /// <summary>A p-value with its sign: <c>= 0.65</c>, <c>= 0.0031</c>, <c>= 2e-8</c>, <c>&lt; 1e-300</c>.</summary>
    public static string Chance(double p) => p < Least ? "< 1e-300" : $"= {PValue(p)}";

    /// <summary>A p-value alone: <c>0.65</c>, <c>0.0031</c>, <c>2e-8</c>, <c>&lt; 1e-300</c>.</summary>
    public static string PValue(double p) => p switch
    {
        < Least => "< 1e-300",
        < 0.001 => p.ToString("0e-0", CultureInfo.InvariantCulture),
        < 0.01 => p.ToString("0.0000", CultureInfo.InvariantCulture),
        < 0.1 => p.ToString("0.000", CultureInfo.InvariantCulture),
        _ => p.ToString("0.00", CultureInfo.InvariantCulture),
    };

    /// <summary>A figure of any size in few characters: <c>0.1234</c>, <c>12.3</c>, <c>4,500</c>, <c>1.2e7</c>.</summary>
    public static string Figure(double value) => Math.Abs(value) switch
    {
        0 => "0",
        >= 1e6 => value.ToString("0.#e0", CultureInfo.InvariantCulture),
        >= 1000 => value.ToString("N0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.#", CultureInfo.InvariantCulture),
        >= 0.001 => value.ToString("0.###", CultureInfo.InvariantCulture),
        _ => value.ToString("0.#e-0", CultureInfo.InvariantCulture),
    };
}
