using System.Globalization;
using System.Text;
using Modeldrop.Predictions.Export;
using Modeldrop.Tabular;
using Modeldrop.Tensors;
using Modeldrop.Wire;

namespace Modeldrop.Lifecycle.Batch;

/// <summary>
/// Writes one line of answers for each row of the input. CSV: <c>line</c>, <c>error</c>, the copied columns, then the outputs; a wide
/// output has the columns <c>&lt;name&gt;_0</c> and on. JSON lines: <c>{"line", "kept": {…}, "outputs": {…}}</c> or <c>{"line", "kept",
/// "error"}</c>; an output is the row's element, or a list of its elements.
/// </summary>
/// <param name="keep">Columns of the input that are copied as text.</param>
internal abstract class BatchWriter(Signature signature, IReadOnlyList<string> keep)
{
    protected StringBuilder Text { get; } = new();

    protected IReadOnlyList<TensorSpec> Outputs => signature.Outputs;

    protected IReadOnlyList<string> Keep => keep;

    /// <summary>The columns of a CSV result, without the copied ones.</summary>
    public IEnumerable<string> OwnColumns => ["line", "error", .. Outputs.SelectMany(spec => RowCells.NamesOf("", spec))];

    public static BatchWriter Of(BatchResultFormat format, Signature signature, IReadOnlyList<string> keep) =>
        format == BatchResultFormat.Csv ? new Csv(signature, keep) : new JsonLines(signature, keep);

    /// <summary>The row's values of the copied columns.</summary>
    public IReadOnlyList<string?> KeptOf(Table table, int row) => keep.Count == 0 ? []
        : [.. keep.Select(name => table.FindColumn(name)?.Values[row])];

    /// <summary>The text as UTF-8.</summary>
    public byte[] ToBytes() => Encoding.UTF8.GetBytes(Text.ToString());

    public abstract void WriteHeader();

    /// <param name="kept">Values of the copied columns; null: missing.</param>
    public abstract void WriteError(int line, IReadOnlyList<string?> kept, string error);

    /// <param name="kept">Values of the copied columns; null: missing.</param>
    /// <param name="outputs">Outputs of a run over <paramref name="rows"/> rows.</param>
    public abstract void WriteRow(int line, IReadOnlyList<string?> kept, IReadOnlyList<Tensor> outputs, int row, int rows);

    private static Tensor? Find(IReadOnlyList<Tensor> outputs, TensorSpec spec) =>
        outputs.FirstOrDefault(output => output.Name == spec.Name);

    private static string Number(int line) => line.ToString(CultureInfo.InvariantCulture);

    private sealed class Csv(Signature signature, IReadOnlyList<string> keep) : BatchWriter(signature, keep)
    {
        public override void WriteHeader() =>
            RowCells.AppendLine(Text, OwnColumns.Take(2).Concat(Keep).Concat(OwnColumns.Skip(2)));

        public override void WriteError(int line, IReadOnlyList<string?> kept, string error) =>
            RowCells.AppendLine(Text, [Number(line), error, .. kept.Select(text => text ?? ""),
                .. Outputs.SelectMany(spec => RowCells.Of(spec, null, 0, 1))]);

        public override void WriteRow(int line, IReadOnlyList<string?> kept, IReadOnlyList<Tensor> outputs, int row, int rows) =>
            RowCells.AppendLine(Text, [Number(line), "", .. kept.Select(text => text ?? ""),
                .. Outputs.SelectMany(spec => RowCells.Of(spec, Find(outputs, spec), row, rows))]);
    }

    private sealed class JsonLines(Signature signature, IReadOnlyList<string> keep) : BatchWriter(signature, keep)
    {
        public override void WriteHeader()
        {
        }

        public override void WriteError(int line, IReadOnlyList<string?> kept, string error) =>
            Text.Append(CultureInfo.InvariantCulture, $"{{\"line\":{line}{Kept(kept)},\"error\":{Quoted(error)}}}\n");

        public override void WriteRow(int line, IReadOnlyList<string?> kept, IReadOnlyList<Tensor> outputs, int row, int rows)
        {
            Text.Append(CultureInfo.InvariantCulture, $"{{\"line\":{line}{Kept(kept)},\"outputs\":{{");
            using var buffer = new PooledBuffer(256);
            bool isFirst = true;
            foreach (Tensor output in outputs)
            {
                Tensor own = output.Shape is [var all, ..] && all == rows ? output.RowsOf(row, 1) : output;
                Text.Append(isFirst ? "" : ",").Append(Quoted(output.Name)).Append(own.Count == 1 ? ":" : ":[");
                isFirst = false;
                buffer.Clear();
                TensorWriter.WriteJson(buffer, own, names: true);
                Text.Append(Encoding.UTF8.GetString(buffer.Span)).Append(own.Count == 1 ? "" : "]");
            }

            Text.Append("}}\n");
        }

        private string Kept(IReadOnlyList<string?> kept) => Keep.Count == 0 ? ""
            : $",\"kept\":{{{string.Join(',', Keep.Zip(kept, (name, text) => $"{Quoted(name)}:{Quoted(text)}"))}}}";

        private static string Quoted(string? text) => System.Text.Json.JsonSerializer.Serialize(text);
    }
}
