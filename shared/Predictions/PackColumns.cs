using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Compression;
using Apache.Arrow.Ipc;
using Modeldrop.Tensors;

namespace Modeldrop.Predictions;

/// <summary>The records of a pack, by columns. Holds unmanaged memory: dispose it.</summary>
public sealed class PackColumns : IDisposable
{
    private static readonly CompressionCodecFactory Codecs = new();

    private readonly RecordBatch _batch;

    // Looked up once: finding a name searches the whole schema.
    private readonly UInt32Array _sequences;
    private readonly ArrowBuffer _eventTimes;
    private readonly ArrowBuffer _receivedTimes;
    private readonly ArrowBuffer _durations;
    private readonly StringArray _requestIds;
    private readonly StringArray _aliases;

    private PackColumns(RecordBatch batch)
    {
        _batch = batch;
        _sequences = (UInt32Array)batch.Column("sequence");
        _eventTimes = Longs("event_time");
        _receivedTimes = Longs("received_at");
        _durations = Longs("duration_us");
        _requestIds = (StringArray)batch.Column("request_id");
        _aliases = (StringArray)batch.Column("alias");
        Inputs = Tensors(batch, PackEncoder.InputPrefix);
        Outputs = Tensors(batch, PackEncoder.OutputPrefix);
    }

    public int Records => _batch.Length;

    /// <summary>Ascending.</summary>
    public ReadOnlySpan<uint> Sequences => _sequences.Values;

    /// <summary>Microseconds since 1970-01-01T00Z.</summary>
    public ReadOnlySpan<long> EventTimes => Values(_eventTimes);

    /// <summary>Microseconds since 1970-01-01T00Z.</summary>
    public ReadOnlySpan<long> ReceivedTimes => Values(_receivedTimes);

    /// <summary>Microseconds.</summary>
    public ReadOnlySpan<long> Durations => Values(_durations);

    public IReadOnlyList<TensorColumn> Inputs { get; }

    public IReadOnlyList<TensorColumn> Outputs { get; }

    internal static PackColumns Decode(byte[] stream)
    {
        using var reader = new ArrowStreamReader(stream, Codecs);
        return new PackColumns(
            reader.ReadNextRecordBatch() ?? throw new InvalidDataException("A pack of the prediction log has no record batch."));
    }

    /// <summary>The caller's id of a record.</summary>
    public string? RequestIdOf(int record) => _requestIds.GetString(record);

    public string? AliasOf(int record) => _aliases.GetString(record);

    /// <summary>Why a request failed; null for an answered request.</summary>
    public string? ErrorOf(int record) => (FindColumn(PackEncoder.ErrorColumn) as StringArray)?.GetString(record);

    public DateTimeOffset ReceivedAtOf(int record) => Time(ReceivedTimes[record]);

    public DateTimeOffset EventTimeOf(int record) => Time(EventTimes[record]);

    /// <summary>A stored column; null when the pack does not have it.</summary>
    internal IArrowArray? FindColumn(string name) => _batch.Schema.FieldsLookup.Contains(name) ? _batch.Column(name) : null;

    public void Dispose() => _batch.Dispose();

    private static DateTimeOffset Time(long microseconds) => DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);

    private static List<TensorColumn> Tensors(RecordBatch batch, string prefix)
    {
        var tensors = new List<TensorColumn>();
        for (int index = 0; index < batch.ColumnCount; index++)
        {
            Field field = batch.Schema.GetFieldByIndex(index);
            if (field.Name.StartsWith(prefix, StringComparison.Ordinal)
                    && field.Metadata?.GetValueOrDefault(PackEncoder.DatatypeKey) is { } datatype)
            {
                string name = field.Name[prefix.Length..];
                tensors.Add(new TensorColumn(
                    name,
                    Datatypes.Find(datatype) ?? throw new InvalidDataException(
                        $"A pack of the prediction log has the unknown datatype '{datatype}'."),
                    (ListArray)batch.Column(index),
                    // The encoder writes the shapes right after the elements.
                    (ListArray)batch.Column(index + 1)));
            }
        }

        return tensors;
    }

    private ArrowBuffer Longs(string column) => _batch.Column(column).Data.Buffers[1];

    private ReadOnlySpan<long> Values(ArrowBuffer column) => MemoryMarshal.Cast<byte, long>(column.Span)[.._batch.Length];
}
