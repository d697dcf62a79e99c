using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Modeldrop.Tensors;
using Modeldrop.Wire;

namespace Modeldrop.Predictions.Export;

/// <summary>
/// Converts a row of a tensor to cells of a CSV line: one per element if the width is fixed, otherwise a JSON list in one cell.
/// </summary>
internal static class RowCells
{
    private const int MaxColumns = 1024;

    /// <summary>The tensor's name; for a wide tensor <c>name_0</c> and so on, or the version's own names.</summary>
    /// <param name="prefix">Precedes each name.</param>
    public static IEnumerable<string> NamesOf(string prefix, TensorSpec spec) =>
        IsSpread(spec) && spec.RowElements > 1 ? Enumerable.Range(0, (int)spec.RowElements).Select(index => prefix + spec.ColumnName(index))
        : [prefix + (spec.Columns is [var own] ? own : spec.Name)];

    /// <param name="tensor">Null: the tensor is absent, and its cells are empty.</param>
    /// <param name="rows">Rows of the request. A tensor with a different number of rows is repeated whole in each row.</param>
    public static IEnumerable<string> Of(TensorSpec spec, Tensor? tensor, long row, long rows)
    {
        int width = IsSpread(spec) ? (int)spec.RowElements : 1;
        if (tensor is null)
        {
            return Enumerable.Repeat("", width);
        }

        bool hasRows = !spec.Sequence && tensor.Shape.Length > 0 && tensor.Shape[0] == rows && rows > 0;
        if (IsSpread(spec) && hasRows && tensor.Count == rows * width)
        {
            return Enumerable.Range(0, width).Select(index => TextOf(tensor, (int)((row * width) + index)));
        }

        using var buffer = new PooledBuffer(256);
        buffer.Write("["u8);
        TensorWriter.WriteJson(buffer, hasRows ? tensor.RowsOf((int)row, 1) : tensor, names: true);
        buffer.Write("]"u8);
        return Enumerable.Repeat("", width - 1).Prepend(Encoding.UTF8.GetString(buffer.Span));
    }

    /// <summary>RFC 4180, with line feeds.</summary>
    public static void AppendLine(StringBuilder line, IEnumerable<string> cells)
    {
        bool isFirst = true;
        foreach (string cell in cells)
        {
            line.Append(isFirst ? "" : ",");
            isFirst = false;
            if (cell.AsSpan().IndexOfAny("\",\r\n") >= 0)
            {
                line.Append('"').Append(cell.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
            }
            else
            {
                line.Append(cell);
            }
        }

        line.Append('\n');
    }

    private static bool IsSpread(TensorSpec spec) => spec.Shape.Count > 0 && spec.RowElements is > 0 and <= MaxColumns;

    private static string TextOf(Tensor tensor, int element)
    {
        ReadOnlySpan<byte> data = tensor.Data.Span;
        return tensor.Datatype switch
        {
            Datatype.Bytes => tensor.Strings![element],
            Datatype.Bool => data[element] != 0 ? "true" : "false",
            Datatype.Uint8 => Text<byte>(data, element),
            Datatype.Uint16 => Text<ushort>(data, element),
            Datatype.Uint32 => Text<uint>(data, element),
            Datatype.Uint64 => Text<ulong>(data, element),
            Datatype.Int8 => Text<sbyte>(data, element),
            Datatype.Int16 => Text<short>(data, element),
            Datatype.Int32 => Text<int>(data, element),
            Datatype.Int64 => Text<long>(data, element),
            Datatype.Fp16 => Float(MemoryMarshal.Cast<byte, Half>(data)[element]),
            Datatype.Bf16 => Float(BitConverter.Int32BitsToSingle(MemoryMarshal.Cast<byte, short>(data)[element] << 16)),
            Datatype.Fp32 => Float(MemoryMarshal.Cast<byte, float>(data)[element]),
            _ => Float(MemoryMarshal.Cast<byte, double>(data)[element]),
        };
    }

    private static string Text<T>(ReadOnlySpan<byte> data, int element)
        where T : unmanaged, IFormattable =>
        MemoryMarshal.Cast<byte, T>(data)[element].ToString(null, CultureInfo.InvariantCulture);

    private static string Float<T>(T value)
        where T : System.Numerics.IFloatingPointIeee754<T> =>
        T.IsZero(value) && T.IsNegative(value) ? "-0.0" : value.ToString(null, CultureInfo.InvariantCulture);
}
