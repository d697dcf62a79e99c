using System.Globalization;

namespace Modeldrop.ScoringBench;

/// <summary>The table of the figures, as Markdown.</summary>
internal sealed class Report
{
    private readonly List<string> _rows = [];

    public void Add(string figure, string target, string result)
    {
        _rows.Add($"| {figure} | {target} | {result} |");
        Console.Error.WriteLine(_rows[^1]);
    }

    public void Write()
    {
        Console.WriteLine("| figure | target | measured |");
        Console.WriteLine("| --- | --- | --- |");
        _rows.ForEach(Console.WriteLine);
    }

    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }

    public static string Times(double ratio) => string.Create(CultureInfo.InvariantCulture, $"{ratio:0.00}×");
}
