using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Apache.Arrow;
using Apache.Arrow.Compression;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;
using Modeldrop.Tensors;

namespace Modeldrop.Predictions;

/// <summary>Writes records of one version as an Arrow IPC stream with one record batch; the columns are listed in <c>docs/data-formats.md</c>.</summary>
/// <remarks>
/// A tensor is a list column of its elements and a list column of its shape, so that requests of different size share a pack and
/// every element of a feature lies in one buffer. BOOL is stored as bytes and BF16 as its 16 bits; the field's metadata has the datatype.
/// </remarks>
internal static class PackEncoder
{
    public const string InputPrefix = "in.";
    public const string InputShapePrefix = "in_shape.";
    public const string OutputPrefix = "out.";
    public const string OutputShapePrefix = "out_shape.";
    public const string ErrorColumn = "error";
    public const string DatatypeKey = "modeldrop.datatype";

    /// <summary>Below this the frames of compressed buffers cost more than they save.</summary>
    private const int MinCompressedBytes = 4096;

    private static readonly CompressionCodecFactory Codecs = new();
    internal static readonly TimestampType Timestamp = new(TimeUnit.Microsecond, "UTC");

    /// <param name="records">At least one; the same model, version, sample and tensors (names and datatypes) in all; all answered or all failed.</param>
    public static byte[] Encode(IReadOnlyList<ScoredRequest> records)
    {
        ScoredRequest first = records[0];
        var fields = new List<Field>();
        var columns = new List<IArrowArray>();

        Add("sequence", Primitive(UInt32Type.Default, Values(records, record => record.Id.Sequence)));
        Add("received_at", Primitive(Timestamp, Values(records, record => Microseconds(record.ReceivedAt))));
        Add("event_time", Primitive(Timestamp, Values(records, record => Microseconds(record.EventTime))));
        Add("duration_us", Primitive(Int64Type.Default, Values(records, record => record.Duration.Ticks / TimeSpan.TicksPerMicrosecond)));
        Add("alias", Texts([.. records.Select(record => record.Alias)]), nullable: true);
        Add("request_id", Texts([.. records.Select(record => record.RequestId)]), nullable: true);
        if (first.Error is not null)
        {
            Add(ErrorColumn, Texts([.. records.Select(record => record.Error)]));
        }

        for (int index = 0; index < first.Inputs.Count; index++)
        {
            AddTensor(InputPrefix, InputShapePrefix, [.. records.Select(record => record.Inputs[index])]);
        }

        for (int index = 0; index < first.Outputs.Count; index++)
        {
            AddTensor(OutputPrefix, OutputShapePrefix, [.. records.Select(record => record.Outputs[index])]);
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
        return Write(schema, columns, records.Count, compressed: records.Sum(record => (long)record.EstimatedBytes) >= MinCompressedBytes);

        void Add(string name, IArrowArray column, bool nullable = false, string? datatype = null)
        {
            fields.Add(new Field(name, column.Data.DataType, nullable, datatype is null ? null : new Dictionary<string, string> { [DatatypeKey] = datatype }));
            columns.Add(column);
        }

        void AddTensor(string prefix, string shapePrefix, Tensor[] tensors)
        {
            Add(prefix + tensors[0].Name, Elements(tensors), datatype: tensors[0].Datatype.ProtocolName());
            Add(shapePrefix + tensors[0].Name, Shapes(tensors));
        }
    }

    private static byte[] Write(Schema schema, List<IArrowArray> columns, int records, bool compressed)
    {
        using var stream = new MemoryStream();
        using var batch = new RecordBatch(schema, columns, records);
        var options = new IpcOptions
        {
            CompressionCodecFactory = compressed ? Codecs : null,
            CompressionCodec = compressed ? CompressionCodecType.Zstd : null,
        };
        using var writer = new ArrowStreamWriter(stream, schema, leaveOpen: true, options);
        writer.WriteRecordBatch(batch);
        writer.WriteEnd();
        return stream.ToArray();
    }

    private static long Microseconds(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    private static byte[] Values<T>(IReadOnlyList<ScoredRequest> records, Func<ScoredRequest, T> value)
        where T : unmanaged =>
        Bytes([.. records.Select(value)]);

    private static byte[] Bytes<T>(T[] values)
        where T : unmanaged =>
        MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    private static IArrowArray Primitive(FixedWidthType type, byte[] values) =>
        ArrowArrayFactory.BuildArray(new ArrayData(type, values.Length * 8 / type.BitWidth, 0, 0, [ArrowBuffer.Empty, new ArrowBuffer(values)]));

    private static StringArray Texts(string?[] texts)
    {
        var builder = new StringArray.Builder();
        foreach (string? text in texts)
        {
            if (text is null)
            {
                builder.AppendNull();
            }
            else
            {
                builder.Append(text, Encoding.UTF8);
            }
        }

        return builder.Build();
    }

    private static ListArray Elements(Tensor[] tensors)
    {
        int[] offsets = Offsets([.. tensors.Select(tensor => checked((int)tensor.Count))]);
        Datatype datatype = tensors[0].Datatype;
        if (datatype == Datatype.Bytes)
        {
            return List(offsets, Texts([.. tensors.SelectMany(tensor => tensor.Strings!)]));
        }

        byte[] values = new byte[offsets[^1] * datatype.ElementBytes()];
        int end = 0;
        foreach (Tensor tensor in tensors)
        {
            tensor.Data.Span.CopyTo(values.AsSpan(end));
            end += tensor.Data.Length;
        }

        return List(offsets, Primitive(ArrowType(datatype), values));
    }

    private static ListArray Shapes(Tensor[] tensors) =>
        List(Offsets([.. tensors.Select(tensor => tensor.Shape.Length)]), Primitive(Int64Type.Default, Bytes([.. tensors.SelectMany(tensor => tensor.Shape)])));

    private static int[] Offsets(int[] lengths)
    {
        int[] offsets = new int[lengths.Length + 1];
        for (int index = 0; index < lengths.Length; index++)
        {
            offsets[index + 1] = checked(offsets[index] + lengths[index]);
        }

        return offsets;
    }

    private static ListArray List(int[] offsets, IArrowArray values) =>
        new(ListOf(values.Data.DataType), offsets.Length - 1, new ArrowBuffer(Bytes(offsets)), values, ArrowBuffer.Empty, 0, 0);

    internal static ListType ListOf(IArrowType element) => new(new Field("item", element, nullable: false));

    /// <summary>What an element is in Arrow.</summary>
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
