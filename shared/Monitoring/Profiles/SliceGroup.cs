using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;
using Modeldrop.Predictions;
using Modeldrop.Tensors;

namespace Modeldrop.Monitoring.Profiles;

/// <summary>Rows with the same values of one or two inputs: <c>monitoring.slices</c>.</summary>
/// <param name="Inputs">Names of features.</param>
/// <param name="Values">As text, in the order of <paramref name="Inputs"/>.</param>
public sealed record SliceGroup(IReadOnlyList<string> Inputs, IReadOnlyList<string> Values)
{
    /// <summary>Minimum number of rows of a group in the reference; smaller groups could have no verdict.</summary>
    public const int MinRows = 100;

    /// <summary>Maximum number of groups of a slice; the largest are kept.</summary>
    public const int MaxGroups = 8;

    /// <summary><c>carrier=AA</c>.</summary>
    [JsonIgnore]
    public string Label => string.Join(", ", Inputs.Zip(Values, (input, value) => $"{input}={value}"));

    /// <summary>Identifies the slice; the same for all its groups.</summary>
    internal string InputKey => string.Join('\n', Inputs);

    /// <summary>The values that a row of the group must have.</summary>
    internal string Key => string.Join('\n', Values);

    /// <summary>The row's value of a feature, as text; null when there is none.</summary>
    internal static string? TextOf(TensorColumn column, int element) => column.Datatype == Datatype.Bytes
        ? Encoding.UTF8.GetString(column.TextAt(element))
        : TextOf(column.Datatype, column.Values, element);

    internal static string? TextOf(Tensor tensor, int element) =>
        tensor.Strings is { } strings ? strings[element] : TextOf(tensor.Datatype, tensor.Data.Span, element);

    private static string? TextOf(Datatype datatype, ReadOnlySpan<byte> bytes, int element)
    {
        if (Elements.IsInteger(datatype))
        {
            Span<long> whole = stackalloc long[1];
            Elements.ToLongs(datatype, bytes, element, 1, whole);
            return Elements.ToText(datatype, whole[0]);
        }

        Span<double> number = stackalloc double[1];
        Elements.ToDoubles(datatype, bytes, element, 1, number);
        return double.IsNaN(number[0]) ? null : number[0].ToString("R", CultureInfo.InvariantCulture);
    }
}
