using System.Buffers.Binary;
using System.Text;

namespace Modeldrop.Monitoring.Profiles;

/// <summary>
/// The stored form of an <see cref="HourProfile"/>: a format byte, then variable-length numbers. Equal counts have equal bytes.
/// </summary>
internal static class HourProfileCodec
{
    private const byte Format = 2;

    public static byte[] Encode(HourProfile profile)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(Format);
        writer.Write(profile.Reference ?? "");
        writer.Write7BitEncodedInt64(profile.Records);
        writer.Write7BitEncodedInt64(profile.Rows);
        writer.Write7BitEncodedInt64(profile.DurationMicroseconds);
        writer.Write7BitEncodedInt64(profile.MaxDurationMicroseconds);
        writer.Write7BitEncodedInt(profile.Keys.Counts.Count);
        foreach ((ulong hash, long times) in profile.Keys.Counts)
        {
            writer.Write(hash);
            writer.Write7BitEncodedInt64(times);
        }

        writer.Write7BitEncodedInt(profile.Features.Count);
        Span<byte> wide = stackalloc byte[16];
        foreach (FeatureCounts counts in profile.Features)
        {
            writer.Write7BitEncodedInt(counts.Bins.Length);
            foreach (long count in counts.Bins)
            {
                writer.Write7BitEncodedInt64(count);
            }

            writer.Write7BitEncodedInt64(counts.Pairs);
            writer.Write7BitEncodedInt64(counts.AlikePairs);
            writer.Write7BitEncodedInt64(counts.Missing);
            writer.Write7BitEncodedInt64(counts.NotANumber);
            writer.Write7BitEncodedInt64(counts.Finite);
            if (counts.Finite == 0)
            {
                continue;
            }

            writer.Write7BitEncodedInt64(counts.Clipped);
            BinaryPrimitives.WriteInt128LittleEndian(wide, counts.Sum);
            writer.Write(wide);
            BinaryPrimitives.WriteUInt128LittleEndian(wide, counts.SumOfSquares);
            writer.Write(wide);
            writer.Write(counts.Min);
            writer.Write(counts.Max);
        }

        writer.Flush();
        return stream.ToArray();
    }

    public static HourProfile Decode(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
        if (reader.ReadByte() is var format && format != Format)
        {
            throw new InvalidDataException($"A profile row has format {format}; this program reads {Format}.");
        }

        string reference = reader.ReadString();
        long records = reader.Read7BitEncodedInt64();
        long rows = reader.Read7BitEncodedInt64();
        long duration = reader.Read7BitEncodedInt64();
        long maxDuration = reader.Read7BitEncodedInt64();
        var keys = new KeySample();
        for (int left = reader.Read7BitEncodedInt(); left > 0; left--)
        {
            keys.Add(reader.ReadUInt64(), reader.Read7BitEncodedInt64());
        }

        var features = new FeatureCounts[reader.Read7BitEncodedInt()];
        for (int feature = 0; feature < features.Length; feature++)
        {
            features[feature] = DecodeCounts(reader);
        }

        HourProfile profile = HourProfile.Of(reference.Length == 0 ? null : reference, features);
        profile.Keys.Add(keys);
        (
            profile.Records, profile.Rows, profile.DurationMicroseconds,
            profile.MaxDurationMicroseconds) = (records, rows, duration, maxDuration);
        return profile;
    }

    private static FeatureCounts DecodeCounts(BinaryReader reader)
    {
        long[] bins = new long[reader.Read7BitEncodedInt()];
        for (int bin = 0; bin < bins.Length; bin++)
        {
            bins[bin] = reader.Read7BitEncodedInt64();
        }

        var counts = new FeatureCounts
        {
            Bins = bins,
            Pairs = reader.Read7BitEncodedInt64(),
            AlikePairs = reader.Read7BitEncodedInt64(),
            Missing = reader.Read7BitEncodedInt64(),
            NotANumber = reader.Read7BitEncodedInt64(),
            Finite = reader.Read7BitEncodedInt64(),
        };
        if (counts.Finite > 0)
        {
            counts.Clipped = reader.Read7BitEncodedInt64();
            counts.Sum = BinaryPrimitives.ReadInt128LittleEndian(reader.ReadBytes(16));
            counts.SumOfSquares = BinaryPrimitives.ReadUInt128LittleEndian(reader.ReadBytes(16));
            counts.Min = reader.ReadDouble();
            counts.Max = reader.ReadDouble();
        }

        return counts;
    }
}
