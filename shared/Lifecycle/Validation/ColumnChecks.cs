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
                "The columns of the data files feed the model in their order, as their number fits; 'inputs' of model.json can say another.",
                Details: [.. found.Select(input => $"Input '{input.Name}': {Text(input.Columns!)}.")]);
        }
    }

    internal static string Text(IReadOnlyList<string> columns) =>
        string.Join(", ", columns.Take(MaxNames).Select(name => $"'{name}'")) + (columns.Count > MaxNames ? ", …" : "");
}
