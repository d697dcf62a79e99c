using System.Globalization;
using Modeldrop.Probe;
using Modeldrop.Registry;
using Modeldrop.Tensors;

namespace Modeldrop.Lifecycle.Validation;

/// <summary>Says which columns feed an input, where nobody has said so.</summary>
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
                "The columns of the data files feed the model in their order, as their number fits; "
                    + "'inputs' of model.json can say another.",
                Details: [.. found.Select(input => $"Input '{input.Name}': {Text(input.Columns!)}.")]);
        }
    }

    /// <summary>Which rows of a file the model was not asked, as no element says that a whole number or a boolean is missing.</summary>
    /// <param name="figures">Null: it could not be scored.</param>
    public static IEnumerable<ValidationCheck> Gaps(string? file, ScoreFigures? figures)
    {
        if (figures is { RowsLeftOut: > 0 })
        {
            yield return new ValidationCheck("gaps", CheckVerdict.Noted,
                string.Create(CultureInfo.InvariantCulture,
                    $"{figures.RowsLeftOut:N0} of {figures.Rows + figures.RowsLeftOut:N0} rows of {Path.GetFileName(file)} are left out: ")
                    + "a value is missing that must be there.",
                figures.RowsLeftOut,
                Details: [.. figures.Gaps.OrderByDescending(gap => gap.Value).Take(MaxNames).Select(
                    gap => string.Create(CultureInfo.InvariantCulture, $"Column '{gap.Key}': {gap.Value:N0} are missing."))]);
        }
    }

    internal static string Text(IReadOnlyList<string> columns) =>
        string.Join(", ", columns.Take(MaxNames).Select(name => $"'{name}'")) + (columns.Count > MaxNames ? ", …" : "");
}
