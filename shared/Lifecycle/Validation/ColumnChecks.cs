using System.Globalization;
using Modeldrop.Probe;
using Modeldrop.Registry;
using Modeldrop.Tensors;

namespace Modeldrop.Lifecycle.Validation;

/// <summary>Reports which columns feed an input if the manifest does not say so.</summary>
public static class ColumnChecks
{
    private const int MaxNames = 20;

    public static IEnumerable<ValidationCheck> Of(ModelVersion version)
    {
        TensorSpec[] found = [.. version.Inspection.Signature.Inputs.Where(
            input => input.Columns is not null && version.Manifest.Inputs.GetValueOrDefault(input.Name)?.Columns is null)];
        if (found.Length > 0)
        {
            yield return new ValidationCheck("columns", CheckVerdict.Noted,
                "The columns of the data files feed the model in their order, because their number fits; "
                    + "'inputs' in model.json can set a different order.",
                Details: [.. found.Select(input => $"Input '{input.Name}': {Text(input.Columns!)}.")]);
        }
    }

    /// <summary>Reports the rows that were left out because a whole number or a boolean is missing, which no element can express.</summary>
    /// <param name="figures">Null: the file could not be scored.</param>
    public static IEnumerable<ValidationCheck> Gaps(string? file, ScoreFigures? figures)
    {
        if (figures is { RowsLeftOut: > 0 })
        {
            yield return new ValidationCheck("gaps", CheckVerdict.Noted,
                string.Create(CultureInfo.InvariantCulture,
                    $"{figures.RowsLeftOut:N0} of {figures.Rows + figures.RowsLeftOut:N0} rows of {Path.GetFileName(file)} are left out: ")
                    + "a required value is missing.",
                figures.RowsLeftOut,
                Details: [.. figures.Gaps.OrderByDescending(gap => gap.Value).Take(MaxNames).Select(
                    gap => string.Create(CultureInfo.InvariantCulture, $"Column '{gap.Key}': {gap.Value:N0} are missing."))]);
        }
    }

    internal static string Text(IReadOnlyList<string> columns) =>
        string.Join(", ", columns.Take(MaxNames).Select(name => $"'{name}'")) + (columns.Count > MaxNames ? ", …" : "");
}
