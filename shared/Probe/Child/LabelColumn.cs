using Modeldrop.Tabular;

namespace Modeldrop.Probe.Child;

/// <summary>Finds the columns of the true answers.</summary>
public static class LabelColumn
{
    private static readonly string[] UsualNames = ["label", "target", "y"];

    internal static bool IsUsual(string name) => UsualNames.Contains(name, StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// The manifest's column; without one, the only column that is not an input, or of several the one with a usual name (<c>label</c>,
    /// <c>target</c>, <c>y</c>). For a multi-label model, the manifest's columns, those with its prefix, those named like its labels, or
    /// all columns that are not inputs.
    /// </summary>
    /// <returns>The columns and the reason for them, or none and the problem.</returns>
    internal static (IReadOnlyList<string> Columns, string Rule) Find(LabelChoice choice, Table table, IEnumerable<string> inputs)
    {
        if (choice.Columns is { } stated)
        {
            string[] absent = [.. stated.Where(name => table.FindColumn(name) is null)];
            return absent.Length == 0 ? (stated, $"{Named(stated)}, as the manifest says.")
                : (
                    [],
                    $"The data have no {Named(absent).Replace("Column", "column", StringComparison.Ordinal)}, which the manifest names "
                        + $"as the label.");
        }

        // A list or the index of a data frame is not a label, unless the manifest says so.
        List<string> others = [.. table.Columns
            .Where(column => column is not { Problem: not null, IsRead: false } && !InputColumns.IsFrameIndex(column.Name))
            .Select(column => column.Name).Except(inputs, StringComparer.Ordinal)];
        return choice.IsMultilabel ? FindAll(choice, table, others) : others switch
        {
            [] => ([], "Every column of the data is an input; there is no label."),
            [string only] => ([only], $"Column '{only}': the only one that is not an input."),
            _ when others.FirstOrDefault(IsUsual) is { } usual =>
                ([usual], $"Column '{usual}', by its name."),
            _ => (
                [],
                $"{others.Count} columns are not inputs ({string.Join(", ", others.Take(5))}); the manifest's 'label' must say which one "
                    + $"is the label."),
        };
    }

    private static (IReadOnlyList<string> Columns, string Rule) FindAll(LabelChoice choice, Table table, List<string> others)
    {
        if (choice.Prefix is { } prefix)
        {
            string[] numbered = [.. Enumerable.Range(0, table.Columns.Count).Select(index => $"{prefix}_{index}").TakeWhile(
                name => table.FindColumn(name) is not null)];
            return numbered.Length > 0 ? (numbered, $"{Named(numbered)}, as the manifest says.")
                : ([], $"The data have no column '{prefix}_0', which the manifest names as the first label.");
        }

        return choice.Names is { } names && names.All(others.Contains) ? (names, $"{Named(names)}: the labels' names.")
            : others.Count == 0 ? ([], "Every column of the data is an input; there is no label.")
            : (others, $"{Named(others)}: all that are not inputs.");
    }

    private static string Named(IReadOnlyList<string> columns) =>
        $"Column{(columns.Count == 1 ? "" : "s")} "
            + $"{string.Join(", ", columns.Take(5).Select(name => $"'{name}'"))}{(columns.Count > 5 ? ", …" : "")}";
}
