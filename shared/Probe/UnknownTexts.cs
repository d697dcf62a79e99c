using Modeldrop.Probe.Onnx;
using Modeldrop.Tabular;
using Modeldrop.Tensors;

namespace Modeldrop.Probe;

/// <summary>A column of the reference data with texts that no encoder of the graph knows.</summary>
/// <param name="Values">Rows of the column.</param>
/// <param name="Unknown">Those whose text is the key of no encoder.</param>
/// <param name="Examples">The most frequent of these texts; the empty one is a missing value.</param>
public sealed record UnknownTexts(string Column, int Values, int Unknown, IReadOnlyList<ValueCount> Examples)
{
    /// <summary>Share of a column's values that may be unknown: encoders leave rare categories out.</summary>
    public const double MaxShare = 0.01;

    private const int MaxExamples = 5;

    private const int MaxExampleChars = 100;

    /// <summary>Columns of text inputs that feed encoders and whose unknown values are more than <see cref="MaxShare"/>.</summary>
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
