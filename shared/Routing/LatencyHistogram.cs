using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Modeldrop.Routing;

/// <summary>Counts of durations in buckets that grow by an eighth of a power of two, from 1 µs to over an hour.</summary>
/// <remarks>
/// Histograms can be added in any order. A quantile is the upper bound of its bucket: never below the exact one, and at most 9.1 % (2^(1/8)
/// − 1) above it; below 1 µs it is 1 µs.
/// </remarks>
[JsonConverter(typeof(Converter))]
public sealed record LatencyHistogram
{
    /// <summary>Eight per octave, 32 octaves.</summary>
    public const int Buckets = 8 * 32;

    private const int PerOctave = 8;

    private readonly long[] _counts;

    private LatencyHistogram(long[] counts) => _counts = counts;

    public static LatencyHistogram Empty { get; } = new(new long[Buckets]);

    public long Count => _counts.Sum();

    public static LatencyHistogram Of(ReadOnlySpan<long> counts)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(counts.Length, Buckets, nameof(counts));
        return new LatencyHistogram(counts.ToArray());
    }

    public static LatencyHistogram OfOne(TimeSpan duration)
    {
        var counts = new long[Buckets];
        counts[BucketOf(duration)] = 1;
        return new LatencyHistogram(counts);
    }

    public static LatencyHistogram FromBytes(ReadOnlySpan<byte> bytes) => Of(MemoryMarshal.Cast<byte, long>(bytes));

    /// <summary>64-bit counts, little-endian.</summary>
    public byte[] ToBytes() => MemoryMarshal.AsBytes<long>(_counts).ToArray();

    /// <summary>The bucket of a duration: bucket b holds those above 2^((b−1)/8) µs and up to 2^(b/8) µs.</summary>
    public static int BucketOf(TimeSpan duration)
    {
        double microseconds = duration.TotalMicroseconds;
        return microseconds <= 1 ? 0 : Math.Min(Buckets - 1, (int)Math.Ceiling(PerOctave * Math.Log2(microseconds)));
    }

    public LatencyHistogram Plus(LatencyHistogram other)
    {
        var sum = new long[Buckets];
        for (int bucket = 0; bucket < Buckets; bucket++)
        {
            sum[bucket] = _counts[bucket] + other._counts[bucket];
        }

        return new LatencyHistogram(sum);
    }

    /// <summary>The smallest duration that at least <paramref name="share"/> of all do not exceed; null when nothing was counted.</summary>
    /// <param name="share">Above 0, at most 1.</param>
    public TimeSpan? Quantile(double share)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(share);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(share, 1);
        long rank = (long)Math.Ceiling(share * Count);
        long seen = 0;
        for (int bucket = 0; bucket < Buckets; bucket++)
        {
            seen += _counts[bucket];
            if (seen >= rank && seen > 0)
            {
                return TimeSpan.FromMicroseconds(Math.Pow(2, bucket / (double)PerOctave));
            }
        }

        return null;
    }

    /// <summary>Number of durations above the bucket of <paramref name="bound"/>.</summary>
    public long CountAbove(TimeSpan bound) => _counts.AsSpan(BucketOf(bound) + 1).ToArray().Sum();

    public bool Equals(LatencyHistogram? other) => other is not null && _counts.AsSpan().SequenceEqual(other._counts);

    public override int GetHashCode() => Count.GetHashCode();

    /// <summary>A JSON object: bucket numbers and their counts, without empty buckets.</summary>
    private sealed class Converter : JsonConverter<LatencyHistogram>
    {
        public override LatencyHistogram Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var counts = new long[Buckets];
            foreach ((string bucket, long count) in JsonSerializer.Deserialize<Dictionary<string, long>>(ref reader, options) ?? [])
            {
                counts[int.Parse(bucket, NumberStyles.None, CultureInfo.InvariantCulture)] = count;
            }

            return new LatencyHistogram(counts);
        }

        public override void Write(Utf8JsonWriter writer, LatencyHistogram value, JsonSerializerOptions options)
        {
            writer.WriteStartObject();
            for (int bucket = 0; bucket < Buckets; bucket++)
            {
                if (value._counts[bucket] > 0)
                {
                    writer.WriteNumber(bucket.ToString(CultureInfo.InvariantCulture), value._counts[bucket]);
                }
            }

            writer.WriteEndObject();
        }
    }
}
