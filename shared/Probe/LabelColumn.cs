using Modeldrop.Tabular;

namespace Modeldrop.Probe;

/// <summary>Chooses the column of the true answers.</summary>
public static class LabelColumn
{
    private static readonly string[] UsualNames = ["label", "target", "y"];

    /// <summary>
    /// The manifest's column; without one the only column that is no input, or the one of the usual name among several (<c>label</c>, <c>target</c>, <c>y</c>).
    /// </summary>
    /// <param name="stated">From the manifest.</param>
    /// <returns>The column, or null, with the reason.</returns>
    internal static (string? Column, string Rule) Find(string? stated, Table table, IEnumerable<string> inputs)
    {
        if (stated is not null)
        {
            return table.FindColumn(stated) is null
                ? (null, $"The data have no column '{stated}', which the manifest names as the label.")
                : (stated, $"Column '{stated}', as the manifest says.");
        }

        List<string> others = [.. table.Columns.Select(column => column.Name).Except(inputs, StringComparer.Ordinal)];
        return others switch
        {
            [] => (null, "Every column of the data is an input; there is no label."),
            [string only] => (only, $"Column '{only}': the only one that is no input."),
            _ when others.FirstOrDefault(name => UsualNames.Contains(name, StringComparer.OrdinalIgnoreCase)) is { } usual =>
                (usual, $"Column '{usual}', by its name."),
            _ => (null, $"{others.Count} columns are no inputs ({string.Join(", ", others.Take(5))}); the manifest's 'label' must say which one is the label."),
        };
    }
}
