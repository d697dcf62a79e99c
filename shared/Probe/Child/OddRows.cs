using System.Runtime.InteropServices;
using Modeldrop.Tensors;

namespace Modeldrop.Probe.Child;

/// <summary>Rows that clients send by mistake: an ordinary row with one input at a time replaced.</summary>
internal static class OddRows
{
    private const int MaxInputs = 32;

    private static readonly double[] Floats = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, 0, 1e30, -1e30];

    private static readonly string[] Texts = ["", "\u2603 never seen before", new('x', 10_000)];

    /// <param name="withNone">Whether to include a request without rows.</param>
    public static IEnumerable<(string Words, IReadOnlyList<Tensor> Row)> Of(IReadOnlyList<Tensor> row, bool withNone)
    {
        if (withNone)
        {
            yield return ("there are no rows", TensorRows.Slice(row, 0, 0));
        }

        foreach ((int index, Tensor input) in row.Index().Take(MaxInputs))
        {
            foreach ((string words, Tensor odd) in Of(input))
            {
                yield return ($"'{input.Name}' is {words}", [.. row.Take(index), odd, .. row.Skip(index + 1)]);
            }
        }
    }

    private static IEnumerable<(string Words, Tensor Odd)> Of(Tensor input) => input.Datatype switch
    {
        Datatype.Bytes => Texts.Select(
            text => (
                text.Length == 0 ? "empty" : text.Length > 100 ? "10,000 characters" : "an unknown text",
                Tensor.OfStrings(input.Name, input.Shape, Filled(input, text)))),
        Datatype.Fp64 => Floats.Select(value => (Words(value), Numbers(input, value))),
        Datatype.Fp32 => Floats.Select(value => (Words(value), Numbers(input, (float)value))),
        Datatype.Fp16 => Floats.Select(value => (Words(value), Numbers(input, (Half)value))),
        Datatype.Int64 => [
            ("the least number", Numbers(input, long.MinValue)), ("-1", Numbers(input, -1L)),
            ("the greatest number", Numbers(input, long.MaxValue))
        ],
        Datatype.Int32 => [
            ("the least number", Numbers(input, int.MinValue)), ("-1", Numbers(input, -1)),
            ("the greatest number", Numbers(input, int.MaxValue))
        ],
        _ => [],
    };

    private static string Words(double value) => double.IsNaN(value)
        ? "NaN"
        : value.ToString("0e0", System.Globalization.CultureInfo.InvariantCulture) switch
    {
        "0e0" => "0",
        var text => text,
    };

    private static Tensor Numbers<T>(Tensor input, T value)
        where T : unmanaged =>
        Tensor.OfBytes(input.Name, input.Datatype, input.Shape, MemoryMarshal.AsBytes(Filled(input, value).AsSpan()).ToArray());

    private static T[] Filled<T>(Tensor input, T value)
    {
        var values = new T[input.Count];
        Array.Fill(values, value);
        return values;
    }
}
