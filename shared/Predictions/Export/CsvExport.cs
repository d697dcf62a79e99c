using System.Globalization;
using System.Text;
using Modeldrop.Tensors;

namespace Modeldrop.Predictions.Export;

/// <summary>
/// One line per row of a request, one column per element: <c>in.&lt;input&gt;</c>, for a wide tensor <c>in.&lt;input&gt;_0</c> and so on,
/// or the version's own names. A tensor of variable width, or one without the rows of the first input, is a JSON list in one cell. An empty
/// cell is missing; NaN is <c>NaN</c>.
/// </summary>
internal static class CsvExport
{
    private static readonly string[] Facts =
        ["id", "row", "version", "model_sha256", "alias", "request_id", "received_at", "event_time", "duration_ms", "sample", "error"];

    public static async Task WriteAsync(
        Stream stream, ExportColumns columns, IAsyncEnumerable<Prediction> records, CancellationToken cancellationToken)
    {
        await using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true);
        var line = new StringBuilder();
        RowCells.AppendLine(line, Facts.Concat(columns.Tensors.SelectMany(
            tensor => RowCells.NamesOf(PrefixOf(tensor.IsOutput), tensor.Spec))));
        await writer.WriteAsync(line, cancellationToken);
        await foreach (Prediction record in records)
        {
            line.Clear();
            long rows = record.Inputs is [{ Shape: [var first, ..] }, ..] ? first : 1;
            for (long row = 0; row < rows; row++)
            {
                long current = row;
                RowCells.AppendLine(
                    line,
                    FactsOf(record, row).Concat(
                        columns.Tensors.SelectMany(
                            tensor => RowCells.Of(tensor.Spec, TensorOf(record, tensor.IsOutput, tensor.Spec.Name), current, rows))));
            }

            await writer.WriteAsync(line, cancellationToken);
        }
    }

    private static string PrefixOf(bool isOutput) => isOutput ? PackEncoder.OutputPrefix : PackEncoder.InputPrefix;

    private static Tensor? TensorOf(Prediction record, bool isOutput, string name) =>
        (isOutput ? record.Outputs : record.Inputs).FirstOrDefault(tensor => tensor.Name == name);

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
}
