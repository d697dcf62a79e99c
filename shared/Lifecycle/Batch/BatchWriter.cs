using System.Globalization;
using System.Text;
using Modeldrop.Scoring;
using Modeldrop.Scoring.Export;
using Modeldrop.Tensors;

namespace Modeldrop.Lifecycle.Batch;

/// <summary>
/// Writes answers, a line for each row of the input. CSV: <c>line</c>, <c>error</c>, then the outputs, a wide one as <c>&lt;name&gt;_0</c> and on. JSON lines: <c>{"line", "outputs": {…}}</c> or
/// <c>{"line", "error"}</c>; an output is its row's element, or the list of them.
/// </summary>
internal abstract class BatchWriter(Signature signature)
{
    protected StringBuilder Text { get; } = new();

    protected IReadOnlyList<TensorSpec> Outputs => signature.Outputs;

    public static BatchWriter Of(BatchResultFormat format, Signature signature) => format == BatchResultFormat.Csv ? new Csv(signature) : new JsonLines(signature);

    /// <summary>UTF-8.</summary>
    public byte[] ToBytes() => Encoding.UTF8.GetBytes(Text.ToString());

    public abstract void WriteHeader();

    public abstract void WriteError(int line, string error);

    /// <param name="outputs">Of a run over <paramref name="rows"/> rows.</param>
    public abstract void WriteRow(int line, IReadOnlyList<Tensor> outputs, int row, int rows);

    private static Tensor? Find(IReadOnlyList<Tensor> outputs, TensorSpec spec) => outputs.FirstOrDefault(output => output.Name == spec.Name);

    private static string Number(int line) => line.ToString(CultureInfo.InvariantCulture);

    private sealed class Csv(Signature signature) : BatchWriter(signature)
    {
        public override void WriteHeader() => RowCells.AppendLine(Text, ["line", "error", .. Outputs.SelectMany(spec => RowCells.NamesOf("", spec))]);

        public override void WriteError(int line, string error) =>
            RowCells.AppendLine(Text, [Number(line), error, .. Outputs.SelectMany(spec => RowCells.Of(spec, null, 0, 1))]);

        public override void WriteRow(int line, IReadOnlyList<Tensor> outputs, int row, int rows) =>
            RowCells.AppendLine(Text, [Number(line), "", .. Outputs.SelectMany(spec => RowCells.Of(spec, Find(outputs, spec), row, rows))]);
    }

    private sealed class JsonLines(Signature signature) : BatchWriter(signature)
    {
        public override void WriteHeader()
        {
        }

        public override void WriteError(int line, string error) =>
            Text.Append(CultureInfo.InvariantCulture, $"{{\"line\":{line},\"error\":{Quoted(error)}}}\n");

        public override void WriteRow(int line, IReadOnlyList<Tensor> outputs, int row, int rows)
        {
            Text.Append(CultureInfo.InvariantCulture, $"{{\"line\":{line},\"outputs\":{{");
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

        private static string Quoted(string text) => System.Text.Json.JsonSerializer.Serialize(text);
    }
}
