using System.Buffers.Binary;
using System.Text;
using Modeldrop.Tensors;

namespace Modeldrop.Probe;

/// <summary>A logged record that was scored again.</summary>
/// <param name="Outputs">Null when the model failed on it.</param>
/// <param name="Failure">Short reason of the failure.</param>
/// <param name="Duration">Time in the model.</param>
public sealed record ReplayedRecord(IReadOnlyList<Tensor>? Outputs, string? Failure, TimeSpan Duration);

/// <summary>Records in order, or the reasons why there are none.</summary>
public sealed record ReplayOutcome(IReadOnlyList<ReplayedRecord> Records, IReadOnlyList<string> Reasons);

/// <summary>
/// Transfers records between parent and child: their number (int32), then for each record the tensors as in <see cref="TensorFile"/>, or
/// the result.
/// </summary>
internal static class RecordFile
{
    public const string InputsFile = "records.in";

    public const string OutputsFile = "records.out";

    private const byte Answered = 1;
    private const int MaxFailureBytes = 1_000;

    public static void WriteInputs(string path, IReadOnlyList<IReadOnlyList<Tensor>> records)
    {
        using var writer = new BinaryWriter(File.Create(path), Encoding.UTF8);
        writer.Write(records.Count);
        foreach (IReadOnlyList<Tensor> record in records)
        {
            TensorFile.Write(writer, record);
        }
    }

    /// <summary>Reads the records one by one: the file is ours, so the child can stream it.</summary>
    public static IEnumerable<IReadOnlyList<Tensor>> ReadInputs(string path)
    {
        ReadOnlyMemory<byte> rest = File.ReadAllBytes(path);
        int count = BinaryPrimitives.ReadInt32LittleEndian(rest.Span);
        rest = rest[sizeof(int)..];
        for (int record = 0; record < count; record++)
        {
            yield return TensorFile.Read(ref rest);
        }
    }

    public static void WriteOutputs(string path, IEnumerable<ReplayedRecord> records)
    {
        using var writer = new BinaryWriter(File.Create(path), Encoding.UTF8);
        foreach (ReplayedRecord record in records)
        {
            writer.Write(record.Duration.Ticks);
            writer.Write(record.Outputs is null ? (byte)0 : Answered);
            if (record.Outputs is { } outputs)
            {
                TensorFile.Write(writer, outputs);
            }
            else
            {
                byte[] failure = Encoding.UTF8.GetBytes(record.Failure ?? "");
                writer.Write(Math.Min(failure.Length, MaxFailureBytes));
                writer.Write(failure.AsSpan(0, Math.Min(failure.Length, MaxFailureBytes)));
            }
        }
    }

    /// <summary>Reads the file of an untrusted process.</summary>
    /// <exception cref="InvalidDataException">The file is not in the format of <see cref="WriteOutputs"/>.</exception>
    public static IReadOnlyList<ReplayedRecord> ReadOutputs(string path, long maxBytes)
    {
        ReadOnlyMemory<byte> rest = TensorFile.ReadBytes(path, maxBytes);
        List<ReplayedRecord> records = [];
        while (rest.Length > sizeof(long) + sizeof(byte))
        {
            var duration = TimeSpan.FromTicks(Math.Max(0, BinaryPrimitives.ReadInt64LittleEndian(rest.Span)));
            bool answered = rest.Span[sizeof(long)] == Answered;
            rest = rest[(sizeof(long) + sizeof(byte))..];
            records.Add(
                answered
                    ? new ReplayedRecord(TensorFile.Read(ref rest), null, duration)
                    : new ReplayedRecord(null, TakeText(ref rest), duration));
        }

        return rest.IsEmpty ? records : throw new InvalidDataException("The records are truncated.");
    }

    private static string TakeText(ref ReadOnlyMemory<byte> rest)
    {
        int length = rest.Length < sizeof(int) ? -1 : BinaryPrimitives.ReadInt32LittleEndian(rest.Span);
        if (length is < 0 or > MaxFailureBytes || length > rest.Length - sizeof(int))
        {
            throw new InvalidDataException("The records are damaged.");
        }

        string text = Encoding.UTF8.GetString(rest.Span.Slice(sizeof(int), length));
        rest = rest[(sizeof(int) + length)..];
        return text;
    }
}
