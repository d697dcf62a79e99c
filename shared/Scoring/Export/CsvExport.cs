using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Modeldrop.Predictions;
using Modeldrop.Tensors;

namespace Modeldrop.Scoring.Export;

/// <summary>
/// A line for each row of a request, a column for each element: <c>in.&lt;input&gt;</c>, or <c>in.&lt;input&gt;_0</c> and on for a wide one. A tensor of variable width, and one that has no rows
/// as the first input has them, is a JSON list in one cell. An empty cell is missing; NaN is <c>NaN</c>.
/// </summary>
internal static class CsvExport
{
    private const int MaxColumns = 1024;

    private static readonly string[] Facts =
        ["id", "row", "version", "model_sha256", "alias", "request_id", "received_at", "event_time", "duration_ms", "sample", "error"];

    public static async Task WriteAsync(Stream stream, ExportColumns columns, IAsyncEnumerable<Prediction> records, CancellationToken cancellationToken)
    {
        await using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true);
        var line = new StringBuilder();
        AppendLine(line, Facts.Concat(columns.Tensors.SelectMany(tensor => NamesOf(tensor.IsOutput, tensor.Spec))));
        await writer.WriteAsync(line, cancellationToken);
        await foreach (Prediction record in records)
        {
            line.Clear();
            long rows = record.Inputs is [{ Shape: [var first, ..] }, ..] ? first : 1;
            for (long row = 0; row < rows; row++)
            {
                long current = row;
                AppendLine(line, FactsOf(record, row).Concat(columns.Tensors.SelectMany(tensor => CellsOf(tensor.IsOutput, tensor.Spec, record, current, rows))));
            }

            await writer.WriteAsync(line, cancellationToken);
        }
    }

    private static bool IsSpread(TensorSpec spec) => spec.Shape.Count > 0 && spec.RowElements is > 0 and <= MaxColumns;

    private static IEnumerable<string> NamesOf(bool isOutput, TensorSpec spec)
    {
        string name = (isOutput ? PackEncoder.OutputPrefix : PackEncoder.InputPrefix) + spec.Name;
        return IsSpread(spec) && spec.RowElements > 1 ? Enumerable.Range(0, (int)spec.RowElements).Select(index => string.Create(CultureInfo.InvariantCulture, $"{name}_{index}")) : [name];
    }

    private static string[] FactsOf(Prediction record, long row) =>
    [
        record.Id.ToString(),
        row.ToString(CultureInfo.InvariantCulture),
        record.Version.ToString(CultureInfo.InvariantCulture),
        record.ModelSha256,
        record.Alias ?? "",
        record.RequestId ?? "",
        record.ReceivedAt.ToString("O", CultureInfo.InvariantCulture),
        record.EventTime.ToString("O", CultureInfo.InvariantCulture),
        record.Duration.TotalMilliseconds.ToString(CultureInfo.InvariantCulture),
        record.Sample.ToString(CultureInfo.InvariantCulture),
        record.Error ?? "",
    ];

    private static IEnumerable<string> CellsOf(bool isOutput, TensorSpec spec, Prediction record, long row, long rows)
    {
        Tensor? tensor = (isOutput ? record.Outputs : record.Inputs).FirstOrDefault(one => one.Name == spec.Name);
        int width = IsSpread(spec) ? (int)spec.RowElements : 1;
        if (tensor is null)
        {
            return Enumerable.Repeat("", width);
        }

        bool hasRows = tensor.Shape.Length > 0 && tensor.Shape[0] == rows && rows > 0;
        if (IsSpread(spec) && hasRows && tensor.Count == rows * width)
        {
            return Enumerable.Range(0, width).Select(index => TextOf(tensor, (int)((row * width) + index)));
        }

        using var buffer = new PooledBuffer(256);
        buffer.Write("["u8);
        TensorWriter.WriteJson(buffer, hasRows ? tensor.RowsOf((int)row, 1) : tensor);
        buffer.Write("]"u8);
        return Enumerable.Repeat("", width - 1).Prepend(Encoding.UTF8.GetString(buffer.Span));
    }

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
            Datatype.Fp16 => Text<Half>(data, element),
            Datatype.Bf16 => BitConverter.Int32BitsToSingle(MemoryMarshal.Cast<byte, short>(data)[element] << 16).ToString(CultureInfo.InvariantCulture),
            Datatype.Fp32 => Text<float>(data, element),
            _ => Text<double>(data, element),
        };
    }

    private static string Text<T>(ReadOnlySpan<byte> data, int element)
        where T : unmanaged, IFormattable =>
        MemoryMarshal.Cast<byte, T>(data)[element].ToString(null, CultureInfo.InvariantCulture);

    /// <summary>RFC 4180, with line feeds.</summary>
    private static void AppendLine(StringBuilder line, IEnumerable<string> cells)
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
}
