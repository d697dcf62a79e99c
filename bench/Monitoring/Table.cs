using System.Globalization;

namespace Modeldrop.MonitoringBench;

/// <summary>A table in Markdown, written as it grows.</summary>
internal sealed class Table
{
    private readonly int _columns;

    public Table(string title, params string[] columns)
    {
        _columns = columns.Length;
        Console.WriteLine($"\n{title}\n");
        Console.WriteLine($"| {string.Join(" | ", columns)} |");
        Console.WriteLine($"| {string.Join(" | ", columns.Select((_, index) => index == 0 ? "---" : "---:"))} |");
    }

    public void Add(params object[] cells) => Console.WriteLine($"| {string.Join(" | ", cells.Take(_columns).Select(Text))} |");

    private static string Text(object cell) => cell switch
    {
        double number => number.ToString("0.000", CultureInfo.InvariantCulture),
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => cell.ToString()!,
    };
}
