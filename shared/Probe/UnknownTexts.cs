using Modeldrop.Probe.Onnx;
using Modeldrop.Tabular;
using Modeldrop.Tensors;

namespace Modeldrop.Probe;

/// <summary>A column of the reference data with texts that no encoder of the graph knows.</summary>
/// <param name="Values">Number of rows in the column.</param>
/// <param name="Unknown">Rows whose text is not a key of any encoder.</param>
/// <param name="Examples">The most frequent of these texts; the empty text is a missing value.</param>
public sealed record UnknownTexts(string Column, int Values, int Unknown, IReadOnlyList<ValueCount> Examples)
{
    /// <summary>Tolerated share of unknown values in a column: encoders omit rare categories.</summary>
    public const double MaxShare = 0.01;

    private const int MaxExamples = 5;

    private const int MaxExampleChars = 100;

    /// <summary>Columns of text inputs that feed encoders, with a share of unknown values above <see cref="MaxShare"/>.</summary>
    /// <returns>Null when no text input feeds an encoder.</returns>
    internal static IReadOnlyList<UnknownTexts>? Find(Signature signature, IReadOnlyDictionary<string, TextKeys> keys, Table table)
    {
        TensorSpec[] encoded = [.. signature.Inputs.Where(input => input.Datatype == Datatype.Bytes && keys.ContainsKey(input.Name))];
        if (encoded.Length == 0)
        {
            return null;
        }

        ColumnMapping mapping = ColumnMapping.Create(signature, table, mayLackScalars: true);
        return [.. encoded
            .SelectMany(input => mapping.ColumnsOf(input.Name).Select(column => Count(column, keys[input.Name])))
            .Where(column => column.Unknown > MaxShare * column.Values)];
    }

    private static UnknownTexts Count(TableColumn column, TextKeys keys)
    {
        var unknown = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (string text in column.Values.Select(value => value ?? "").Where(text => !keys.Know(text)))
        {
            unknown[text] = unknown.GetValueOrDefault(text) + 1;
        }

        return new UnknownTexts(column.Name, column.Values.Count, unknown.Values.Sum(), [.. unknown
            .OrderByDescending(value => value.Value).ThenBy(value => value.Key, StringComparer.Ordinal).Take(MaxExamples)
            .Select(value => new ValueCount(Shown(value.Key), value.Value))]);
    }

    private static string Shown(string text) => text.Length <= MaxExampleChars ? text : $"{text[..MaxExampleChars]}…";
}
