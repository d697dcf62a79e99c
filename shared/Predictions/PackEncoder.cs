using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Compression;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;
using Modeldrop.Tensors;

namespace Modeldrop.Predictions;

/// <summary>
/// Writes records of one version as an Arrow IPC stream with one record batch; the columns are listed in <c>docs/stored-formats.md</c>. Not
/// thread-safe.
/// </summary>
/// <remarks>
/// A tensor is a list column of its elements and a list column of its shape, so that requests of different sizes share a pack and all
/// elements of a feature are in one buffer. BOOL is stored as bytes and BF16 as its 16 bits; the field's metadata has the datatype.
/// Encoding runs concurrently with requests, several times a second, so the columns' memory is reused for the next pack.
/// </remarks>
#pragma warning disable CA1001 // A stream in memory has nothing to give back.
internal sealed partial class PackEncoder
#pragma warning restore CA1001
{
    public const string InputPrefix = "in.";
    public const string InputShapePrefix = "in_shape.";
    public const string OutputPrefix = "out.";
    public const string OutputShapePrefix = "out_shape.";
    public const string ErrorColumn = "error";
    public const string DatatypeKey = "modeldrop.datatype";

    /// <summary>Below this size, the frames of compressed buffers cost more than compression saves.</summary>
    private const int MinCompressedBytes = 4096;

    private static readonly CompressionCodecFactory Codecs = new();
    internal static readonly TimestampType Timestamp = new(TimeUnit.Microsecond, "UTC");

    private readonly ColumnMemory _memory = new();
    private List<string?> _texts = [];
    private MemoryStream _stream = new();

    /// <param name="records">
    /// At least one; all with the same model, version, sample and tensors (names and datatypes); all answered or all failed.
    /// </param>
    /// <exception cref="OverflowException">A column would be larger than 2 GiB.</exception>
    public byte[] Encode(ReadOnlySpan<ScoredRequest> records)
    {
        try
        {
            return Write(records);
        }
        finally
        {
            _memory.Reset();
            _texts.Clear();
            ForgetLarge();
        }
    }

    private void ForgetLarge()
    {
        if (_texts.Capacity > ColumnMemory.MaxKeptBytes / IntPtr.Size)
        {
            _texts = [];
        }

        if (_stream.Capacity > ColumnMemory.MaxKeptBytes)
        {
            _stream = new MemoryStream();
        }
    }

    private byte[] Write(ReadOnlySpan<ScoredRequest> records)
    {
        ScoredRequest first = records[0];
        var fields = new List<Field>();
        var columns = new List<IArrowArray>();

        Add("sequence", Numbers(UInt32Type.Default, records, static record => record.Id.Sequence));
        Add("received_at", Numbers(Timestamp, records, static record => Microseconds(record.ReceivedAt)));
        Add("event_time", Numbers(Timestamp, records, static record => Microseconds(record.EventTime)));
        Add("duration_us", Numbers(Int64Type.Default, records, static record => record.Duration.Ticks / TimeSpan.TicksPerMicrosecond));
        Add("alias", Texts(records, static record => record.Alias), nullable: true);
        Add("request_id", Texts(records, static record => record.RequestId), nullable: true);
        if (first.Error is not null)
        {
            Add(ErrorColumn, Texts(records, static record => record.Error));
        }

        for (int index = 0; index < first.Inputs.Count; index++)
        {
            AddTensor(
                InputPrefix, InputShapePrefix, first.Inputs[index], Elements(records, index, isOutput: false),
                Shapes(records, index, isOutput: false));
        }

        for (int index = 0; index < first.Outputs.Count; index++)
        {
            AddTensor(
                OutputPrefix, OutputShapePrefix, first.Outputs[index], Elements(records, index, isOutput: true),
                Shapes(records, index, isOutput: true));
        }

        var schema = new Schema(fields, new Dictionary<string, string>
        {
            ["modeldrop.format"] = "1",
            ["modeldrop.model"] = first.Model.Value,
            ["modeldrop.version"] = first.Version.ToString(CultureInfo.InvariantCulture),
            ["modeldrop.model_sha256"] = first.ModelSha256,
            ["modeldrop.environment"] = EnvironmentFingerprint.Current,
            ["modeldrop.sample"] = first.Sample.ToString("R", CultureInfo.InvariantCulture),
        });
        return Write(schema, columns, records.Length, compressed: IsWorthCompressing(records));

        void Add(string name, IArrowArray column, bool nullable = false, string? datatype = null)
        {
            fields.Add(
                new Field(
                    name, column.Data.DataType, nullable,
                    datatype is null ? null : new Dictionary<string, string> { [DatatypeKey] = datatype }));
            columns.Add(column);
        }

        void AddTensor(string prefix, string shapePrefix, Tensor tensor, ListArray elements, ListArray shapes)
        {
            Add(prefix + tensor.Name, elements, datatype: tensor.Datatype.ProtocolName());
            Add(shapePrefix + tensor.Name, shapes);
        }
    }

    private static bool IsWorthCompressing(ReadOnlySpan<ScoredRequest> records)
    {
        long bytes = 0;
        for (int index = 0; index < records.Length && bytes < MinCompressedBytes; index++)
        {
            bytes += records[index].EstimatedBytes;
        }

        return bytes >= MinCompressedBytes;
    }

    private byte[] Write(Schema schema, List<IArrowArray> columns, int records, bool compressed)
    {
        _stream.SetLength(0);
        using var batch = new RecordBatch(schema, columns, records);
        var options = new IpcOptions
        {
            CompressionCodecFactory = compressed ? Codecs : null,
            CompressionCodec = compressed ? CompressionCodecType.Zstd : null,
        };
        using var writer = new ArrowStreamWriter(_stream, schema, leaveOpen: true, options, _memory);
        writer.WriteRecordBatch(batch);
        writer.WriteEnd();
        return _stream.ToArray();
    }

    private static long Microseconds(DateTimeOffset time) =>
        (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    private IArrowArray Numbers<T>(FixedWidthType type, ReadOnlySpan<ScoredRequest> records, Func<ScoredRequest, T> value)
        where T : unmanaged
    {
        Span<T> values = Take<T>(records.Length, out Memory<byte> memory);
        for (int index = 0; index < records.Length; index++)
        {
            values[index] = value(records[index]);
        }

        return Primitive(type, memory);
    }

    private Span<T> Take<T>(int count, out Memory<byte> memory)
        where T : unmanaged
    {
        memory = _memory.Take(checked(count * Unsafe.SizeOf<T>()));
        return MemoryMarshal.Cast<byte, T>(memory.Span);
    }

    private static IArrowArray Primitive(FixedWidthType type, ReadOnlyMemory<byte> values) =>
        ArrowArrayFactory.BuildArray(
            new ArrayData(type, values.Length * 8 / type.BitWidth, 0, 0, [ArrowBuffer.Empty, new ArrowBuffer(values)]));

    private static Tensor TensorOf(ScoredRequest record, int index, bool isOutput) =>
        isOutput ? record.Outputs[index] : record.Inputs[index];

    private ListArray Elements(ReadOnlySpan<ScoredRequest> records, int index, bool isOutput)
    {
        Span<int> offsets = Take<int>(records.Length + 1, out Memory<byte> offsetMemory);
        offsets[0] = 0;
        for (int record = 0; record < records.Length; record++)
        {
            offsets[record + 1] = checked(offsets[record] + (int)TensorOf(records[record], index, isOutput).Count);
        }

        Datatype datatype = TensorOf(records[0], index, isOutput).Datatype;
        if (datatype == Datatype.Bytes)
        {
            return List(offsetMemory, Texts(records, index, isOutput, offsets[^1]));
        }

        Memory<byte> values = _memory.Take(checked(offsets[^1] * datatype.ElementBytes()));
        int end = 0;
        foreach (ScoredRequest record in records)
        {
            ReadOnlySpan<byte> data = TensorOf(record, index, isOutput).Data.Span;
            data.CopyTo(values.Span[end..]);
            end += data.Length;
        }

        return List(offsetMemory, Primitive(ArrowType(datatype), values));
    }

    private ListArray Shapes(ReadOnlySpan<ScoredRequest> records, int index, bool isOutput)
    {
        Span<int> offsets = Take<int>(records.Length + 1, out Memory<byte> offsetMemory);
        offsets[0] = 0;
        for (int record = 0; record < records.Length; record++)
        {
            offsets[record + 1] = checked(offsets[record] + TensorOf(records[record], index, isOutput).Shape.Length);
        }

        Span<long> dimensions = Take<long>(offsets[^1], out Memory<byte> memory);
        for (int record = 0; record < records.Length; record++)
        {
            TensorOf(records[record], index, isOutput).Shape.CopyTo(dimensions[offsets[record]..]);
        }

        return List(offsetMemory, Primitive(Int64Type.Default, memory));
    }

    private static ListArray List(ReadOnlyMemory<byte> offsets, IArrowArray values) =>
        new(ListOf(values.Data.DataType), (offsets.Length / sizeof(int)) - 1, new ArrowBuffer(offsets), values, ArrowBuffer.Empty, 0, 0);

    internal static ListType ListOf(IArrowType element) => new(new Field("item", element, nullable: false));

    /// <summary>The Arrow type of an element.</summary>
    internal static IArrowType ElementType(Datatype datatype) => datatype == Datatype.Bytes ? StringType.Default : ArrowType(datatype);

    private static FixedWidthType ArrowType(Datatype datatype) => datatype switch
    {
        Datatype.Bool or Datatype.Uint8 => UInt8Type.Default,
        Datatype.Uint16 or Datatype.Bf16 => UInt16Type.Default,
        Datatype.Uint32 => UInt32Type.Default,
        Datatype.Uint64 => UInt64Type.Default,
        Datatype.Int8 => Int8Type.Default,
        Datatype.Int16 => Int16Type.Default,
        Datatype.Int32 => Int32Type.Default,
        Datatype.Int64 => Int64Type.Default,
        Datatype.Fp16 => HalfFloatType.Default,
        Datatype.Fp32 => FloatType.Default,
        Datatype.Fp64 => DoubleType.Default,
        _ => throw new ArgumentOutOfRangeException(nameof(datatype), datatype, "Strings have no fixed width."),
    };
}
