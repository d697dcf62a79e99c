using System.IO.Compression;
using System.Text;
using Modeldrop.Monitoring.Profiles;

namespace Modeldrop.Monitoring.Drift;

/// <summary>Counts of some hours on end.</summary>
/// <param name="FromHour">The end of the block before: hours without traffic belong to the block behind them.</param>
/// <param name="Bins">By feature, as <see cref="DriftEvaluator.Compared"/> gives them.</param>
internal sealed record WatchBlock(long FromHour, long[][] Bins);

/// <summary>The state of a watch: the counts since it began, in blocks that become coarser with age.</summary>
/// <param name="ThroughHour">Behind the last hour that counts.</param>
/// <param name="Reference">Digest of the bins.</param>
/// <param name="Blocks">Oldest first: a block a day, the last <see cref="FineHours"/> hours by the hour.</param>
/// <param name="Alarmed">By the feature's position: the hour with which its evidence first sufficed.</param>
internal sealed record StoredWatch(
    long SinceHour, long ThroughHour, string Reference, long Rows, IReadOnlyList<WatchBlock> Blocks, IReadOnlyDictionary<int, long> Alarmed)
{
    public const int FineHours = 24;

    private const int HoursOfADay = 24;

    public static StoredWatch Begin(long hour, ReferenceProfile reference) => new(hour, hour, reference.Digest, 0, [], new Dictionary<int, long>());

    /// <summary>The same with one more hour.</summary>
    public StoredWatch With(long hour, long rows, long[][] bins)
    {
        List<WatchBlock> blocks = [];
        foreach (WatchBlock block in Blocks)
        {
            // All but the newest hours are kept by days, counted from the begin.
            if (blocks.Count > 0 && block.FromHour < hour - FineHours && DayOf(blocks[^1].FromHour) == DayOf(block.FromHour))
            {
                blocks[^1] = blocks[^1] with { Bins = Sum(blocks[^1].Bins, block.Bins) };
            }
            else
            {
                blocks.Add(block);
            }
        }

        return this with { ThroughHour = hour + 1, Rows = Rows + rows, Blocks = [.. blocks, new WatchBlock(ThroughHour, bins)] };
    }

    /// <summary>What a start at that hour weighs among all possible starts of a watch; the sum over all is at most 1.</summary>
    /// <remarks>Half is for the first hour and for the days, half for all other hours.</remarks>
    public double WeightOf(long hour, int days) =>
        hour == SinceHour ? 0.25
        : (hour - SinceHour) % HoursOfADay == 0 ? 0.25 / (days - 1)
        : 0.5 / (days * (HoursOfADay - 1));

    public byte[] Encode()
    {
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(new BrotliStream(stream, CompressionLevel.Fastest), Encoding.UTF8))
        {
            writer.Write(Reference);
            writer.Write7BitEncodedInt(Blocks.Count);
            foreach (WatchBlock block in Blocks)
            {
                writer.Write(block.FromHour);
                writer.Write7BitEncodedInt(block.Bins.Length);
                foreach (long[] bins in block.Bins)
                {
                    writer.Write7BitEncodedInt(bins.Length);
                    foreach (long count in bins)
                    {
                        writer.Write7BitEncodedInt64(count);
                    }
                }
            }
        }

        return stream.ToArray();
    }

    public static (string Reference, IReadOnlyList<WatchBlock> Blocks) Decode(byte[] bytes)
    {
        using var reader = new BinaryReader(new BrotliStream(new MemoryStream(bytes), CompressionMode.Decompress), Encoding.UTF8);
        string reference = reader.ReadString();
        var blocks = new WatchBlock[reader.Read7BitEncodedInt()];
        for (int block = 0; block < blocks.Length; block++)
        {
            long from = reader.ReadInt64();
            var features = new long[reader.Read7BitEncodedInt()][];
            for (int feature = 0; feature < features.Length; feature++)
            {
                features[feature] = new long[reader.Read7BitEncodedInt()];
                for (int bin = 0; bin < features[feature].Length; bin++)
                {
                    features[feature][bin] = reader.Read7BitEncodedInt64();
                }
            }

            blocks[block] = new WatchBlock(from, features);
        }

        return (reference, blocks);
    }

    public static long[][] Sum(long[][] left, long[][] right) => [.. left.Zip(right, (one, other) => one.Zip(other, (count, more) => count + more).ToArray())];

    private long DayOf(long hour) => (hour - SinceHour) / HoursOfADay;
}
