using System.Globalization;
using System.Text.Json.Serialization;

namespace Modeldrop.Tensors;

/// <summary>A declared input or output.</summary>
/// <param name="Shape">Dimensions; -1 is variable. Empty: a scalar, or a tensor of any rank (<see cref="UnknownRank"/>).</param>
public sealed record TensorSpec(string Name, Datatype Datatype, IReadOnlyList<long> Shape)
{
    /// <summary>Whether a request may omit the input because the model has a default for it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Optional { get; init; }

    /// <summary>Whether the first dimension counts the elements of a sequence, not the rows of a request.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Sequence { get; init; }

    /// <summary>
    /// Whether the model does not declare the number of dimensions. Known for a registered version; a session cannot determine it.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool UnknownRank { get; init; }

    /// <summary>
    /// For an input: the names of a row's elements in data files, frames and reports. Null: the input's name; for a wide input
    /// <c>name_0</c>, <c>name_1</c>…
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>Whether the tensor has one element and no dimensions.</summary>
    [JsonIgnore]
    public bool IsScalar => Shape.Count == 0 && !UnknownRank;

    /// <summary>Whether the first dimension is variable, so that rows can be stacked along it.</summary>
    [JsonIgnore]
    public bool HasBatchDimension => !Sequence && Shape.Count > 0 && Shape[0] == -1;

    /// <summary>The shape as text for people.</summary>
    [JsonIgnore]
    public string ShapeText => UnknownRank ? "any rank" : $"[{string.Join(",", Shape)}]";

    /// <summary>Elements of one row; -1 when a dimension after the first one is variable.</summary>
    [JsonIgnore]
    public long RowElements
    {
        get
        {
            long elements = 1;
            for (int dimension = 1; dimension < Shape.Count; dimension++)
            {
                if (Shape[dimension] < 0)
                {
                    return -1;
                }

                elements *= Shape[dimension];
            }

            return elements;
        }
    }

    /// <summary>The name of an element of a wide row.</summary>
    /// <param name="element">Counted from 0, row-major.</param>
    public string ColumnName(int element) => Columns is { } own && element < own.Count
        ? own[element]
        : string.Create(CultureInfo.InvariantCulture, $"{Name}_{element}");

    public override string ToString() => $"{Name} {Datatype.ProtocolName()} {(UnknownRank ? "of " : "")}{ShapeText}";
}

/// <summary>Declared inputs and outputs of a model, in the model's order.</summary>
public sealed record Signature(IReadOnlyList<TensorSpec> Inputs, IReadOnlyList<TensorSpec> Outputs)
{
    public TensorSpec? FindInput(string name) => Inputs.FirstOrDefault(input => input.Name == name);

    public TensorSpec? FindOutput(string name) => Outputs.FirstOrDefault(output => output.Name == name);

    /// <summary>The input, or the element of an input, with this name in data files; null: there is none.</summary>
    public (TensorSpec Input, int Element)? FindColumn(string name)
    {
        foreach (TensorSpec input in Inputs)
        {
            int element = Array.IndexOf([.. input.Columns ?? []], name);
            if (element < 0 && name.StartsWith($"{input.Name}_", StringComparison.Ordinal)
                && int.TryParse(name.AsSpan(input.Name.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
                && (input.RowElements < 0 || number < input.RowElements))
            {
                element = number;
            }

            if (element >= 0 || input.Name == name)
            {
                return (input, Math.Max(0, element));
            }
        }

        return null;
    }

    /// <summary>The same signature with the column names from <paramref name="known"/> for inputs of the same width.</summary>
    public Signature WithColumnsOf(Signature known) => this with
    {
        Inputs = [.. Inputs.Select(input => input.Columns is null && known.FindInput(input.Name) is { Columns: { } columns } other
            && other.RowElements == input.RowElements ? input with { Columns = columns } : input)],
    };
}
