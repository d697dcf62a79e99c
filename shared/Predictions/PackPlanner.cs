using Azure.Data.Tables;
using Modeldrop.Tensors;

namespace Modeldrop.Predictions;

/// <summary>A pack ready to be written.</summary>
/// <param name="Records">The records in the pack.</param>
/// <param name="Blob">Name and content of the blob that must be written first; null when the records are in the entity.</param>
internal sealed record PlannedPack(TableEntity Entity, ScoredRequest[] Records, int Bytes, (string Name, byte[] Content)? Blob);

/// <summary>Sorts records into packs: one version and one set of tensors per pack, with bounded size. Not thread-safe.</summary>
internal sealed class PackPlanner(PredictionOptions options)
{
    private readonly PackEncoder _encoder = new();
    private readonly Dictionary<LogPartition, Position> _positions = [];
    private uint _latestHour;

    /// <summary>The packs of one partition in the order in which they must be written.</summary>
    /// <param name="records">All records must belong to one partition.</param>
    /// <remarks>
    /// A row key is the highest sequence packed for the partition so far, followed by a count of packs. So keys ascend in the order of
    /// writing (a fold that stores the last key misses nothing), and the pack of every record has a key at or above its sequence (a look-up
    /// starts there), although versions interleave in one sequence and a slow request is packed after later ones. Such late records get
    /// their own packs: the ranges of all other packs overlap only within one flush, so a look-up ends with the flush.
    /// </remarks>
    public List<PlannedPack> Plan(IReadOnlyList<ScoredRequest> records)
    {
        LogPartition partition = LogPartition.Of(records[0].Id);
        Position before = _positions.TryGetValue(partition, out Position known) ? known : new Position(-1, 0);
        ScoredRequest[] sorted = [.. records];
        Array.Sort(sorted, static (left, right) => left.Id.Sequence.CompareTo(right.Id.Sequence));
        long highest = Math.Max(before.Highest, sorted[^1].Id.Sequence);
        uint ordinal = before.Ordinal;

        var packs = new List<PlannedPack>();
        int stragglers = 0;
        while (stragglers < sorted.Length && sorted[stragglers].Id.Sequence <= before.Highest)
        {
            stragglers++;
        }

        foreach (Group group in Groups(sorted.AsSpan(0, stragglers)).Concat(Groups(sorted.AsSpan(stragglers))))
        {
            foreach ((ScoredRequest[] part, byte[] stream) in EncodeBounded([.. group.Records], group.Spilled))
            {
                string rowKey = $"{highest:x8}{ordinal++:x8}";
                string? blob = group.Spilled || stream.Length > options.MaxPackBytes ? $"{partition.Key}/{rowKey}.arrow" : null;
                packs.Add(new PlannedPack(
                    LogPack.ToEntity(part, rowKey, blob is null ? stream : null, blob),
                    part,
                    stream.Length,
                    blob is null ? null : (blob, stream)));
            }
        }

        _positions[partition] = new Position(highest, ordinal);
        Forget(partition.Hour);
        return packs;
    }

    /// <summary>A key above the row keys of all packs that were planned together with <paramref name="rowKey"/>.</summary>
    public static string EndOfFlush(string rowKey) => rowKey[..8] + "g";

    /// <summary>Drops the positions of hours that are too old to write to.</summary>
    private void Forget(uint hour)
    {
        if (hour <= _latestHour)
        {
            return;
        }

        _latestHour = hour;
        uint hours = (uint)LogPartition.MaxWriteDelay.TotalHours + 2;
        foreach (LogPartition old in _positions.Keys.Where(partition => partition.Hour + hours < hour).ToList())
        {
            _positions.Remove(old);
        }
    }

    private List<Group> Groups(ReadOnlySpan<ScoredRequest> records)
    {
        var closed = new List<Group>();
        var open = new List<Group>();
        foreach (ScoredRequest record in records)
        {
            int bytes = record.EstimatedBytes;
            if (bytes > (record.MaxRecordBytes ?? options.MaxRecordBytes) || bytes > options.MaxPackBytes)
            {
                closed.Add(new Group(record, bytes, spilled: true));
                continue;
            }

            int index = 0;
            while (index < open.Count && !open[index].Accepts(record))
            {
                index++;
            }

            if (index < open.Count && open[index].Bytes + bytes <= options.MaxPackBytes)
            {
                open[index].Add(record, bytes);
                continue;
            }

            if (index < open.Count)
            {
                closed.Add(open[index]);
                open.RemoveAt(index);
            }

            open.Add(new Group(record, bytes, spilled: false));
        }

        return [.. closed, .. open];
    }

    /// <summary>Splits packs that turn out larger than estimated in half. A single record may stay too large and gets a blob.</summary>
    private IEnumerable<(ScoredRequest[] Records, byte[] Stream)> EncodeBounded(ScoredRequest[] records, bool spilled)
    {
        byte[] stream = _encoder.Encode(records);
        if (spilled || stream.Length <= options.MaxPackBytes || records.Length == 1)
        {
            return [(records, stream)];
        }

        int half = records.Length / 2;
        return EncodeBounded(records[..half], spilled).Concat(EncodeBounded(records[half..], spilled));
    }

    /// <param name="Highest">Highest sequence packed so far; -1 initially.</param>
    /// <param name="Ordinal">Number of the next pack.</param>
    private readonly record struct Position(long Highest, uint Ordinal);

    private sealed class Group(ScoredRequest first, int bytes, bool spilled)
    {
        public bool Spilled => spilled;

        public List<ScoredRequest> Records { get; } = [first];

        public int Bytes { get; private set; } = bytes;

        public bool Accepts(ScoredRequest record) =>
            record.Version == first.Version
            && record.Model == first.Model
            && record.ModelSha256 == first.ModelSha256
            && record.Sample == first.Sample
            && (record.Error is null) == (first.Error is null)
            && SameTensors(record.Inputs, first.Inputs)
            && SameTensors(record.Outputs, first.Outputs);

        public void Add(ScoredRequest record, int bytes)
        {
            Records.Add(record);
            Bytes += bytes;
        }

        private static bool SameTensors(IReadOnlyList<Tensor> left, IReadOnlyList<Tensor> right)
        {
            if (left.Count != right.Count)
            {
                return false;
            }

            for (int index = 0; index < left.Count; index++)
            {
                if (left[index].Datatype != right[index].Datatype || left[index].Name != right[index].Name)
                {
                    return false;
                }
            }

            return true;
        }
    }
}
