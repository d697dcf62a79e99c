using System.IO.Compression;
using System.Text;
using Modeldrop.Monitoring.Profiles;

namespace Modeldrop.Monitoring.Watch;

/// <summary>The stored form of the large parts of a <see cref="StoredWatch"/>: its blocks and its season.</summary>
internal static class WatchCodec
{
    /// <summary>Counts of the season are stored to an eighth of a row.</summary>
    public const double Parts = 8;

    public static byte[] Encode(StoredWatch watch)
    {
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(new BrotliStream(stream, CompressionLevel.Fastest), Encoding.UTF8))
        {
            writer.Write(watch.Reference);
            writer.Write7BitEncodedInt(watch.Blocks.Count);
            foreach (WatchBlock block in watch.Blocks)
            {
                writer.Write(block.FromHour);
                writer.Write(block.LastHour);
                writer.Write7BitEncodedInt(block.Hours);
                writer.Write(block.Rows);
                writer.Write7BitEncodedInt(block.Features.Length);
                foreach (WatchCounts counts in block.Features)
                {
                    Write(writer, counts.Counts);
                    Write(writer, counts.Expected);
                    writer.Write(counts.HourDoubt);
                    writer.Write(counts.DayDoubt);
                }
            }

            Write(writer, watch.Season);
        }

        return stream.ToArray();
    }

    public static (string Reference, IReadOnlyList<WatchBlock> Blocks, WatchSeason Season) Decode(byte[] bytes)
    {
        using var reader = new BinaryReader(new BrotliStream(new MemoryStream(bytes), CompressionMode.Decompress), Encoding.UTF8);
        string reference = reader.ReadString();
        var blocks = new WatchBlock[reader.Read7BitEncodedInt()];
        for (int block = 0; block < blocks.Length; block++)
        {
            (long from, long last, int hours, double rows) = (reader.ReadInt64(), reader.ReadInt64(), reader.Read7BitEncodedInt(),
                reader.ReadDouble());
            var features = new WatchCounts[reader.Read7BitEncodedInt()];
            for (int feature = 0; feature < features.Length; feature++)
            {
                features[feature] = new WatchCounts(ReadNumbers(reader), ReadNumbers(reader), reader.ReadDouble(), reader.ReadDouble());
            }

            blocks[block] = new WatchBlock(from, last, hours, rows, features);
        }

        return (reference, blocks, ReadSeason(reader));
    }

    private static void Write(BinaryWriter writer, WatchSeason season)
    {
        writer.Write(season.FromHour);
        writer.Write(season.Week);
        writer.Write(season.IsKnown);
        writer.Write(season.TypicalRows);
        writer.Write(season.PeakRows);
        writer.Write7BitEncodedInt64(season.Records);
        writer.Write7BitEncodedInt(season.Keys.Counts.Count);
        foreach ((ulong hash, long times) in season.Keys.Counts)
        {
            writer.Write(hash);
            writer.Write7BitEncodedInt64(times);
        }

        writer.Write7BitEncodedInt(season.Cells.Length);
        for (int feature = 0; feature < season.Cells.Length; feature++)
        {
            Write(writer, season.Cells[feature]);
            Write(writer, season.Learning[feature]);
            Write(writer, season.Whole[feature]);
            Write(writer, season.WholeLearning[feature]);
            Write(writer, season.Noise[feature].Hours);
            Write(writer, season.Noise[feature].Days);
            Write(writer, season.Noise[feature].HourShifts);
            Write(writer, season.Noise[feature].DayShifts);
        }
    }

    private static WatchSeason ReadSeason(BinaryReader reader)
    {
        (long from, long week, bool known) = (reader.ReadInt64(), reader.ReadInt64(), reader.ReadBoolean());
        (double typical, double peak) = (reader.ReadDouble(), reader.ReadDouble());
        long records = reader.Read7BitEncodedInt64();
        var keys = new KeySample();
        for (int left = reader.Read7BitEncodedInt(); left > 0; left--)
        {
            keys.Add(reader.ReadUInt64(), reader.Read7BitEncodedInt64());
        }

        int features = reader.Read7BitEncodedInt();
        var cells = new double[features][][];
        var learning = new double[features][][];
        var whole = new double[features][];
        var wholeLearning = new double[features][];
        var noise = new WatchNoise[features];
        for (int feature = 0; feature < features; feature++)
        {
            cells[feature] = ReadCells(reader);
            learning[feature] = ReadCells(reader);
            whole[feature] = ReadNumbers(reader);
            wholeLearning[feature] = ReadNumbers(reader);
            noise[feature] = new WatchNoise(ReadSpread(reader), ReadSpread(reader), ReadSpread(reader), ReadSpread(reader));
        }

        return new WatchSeason(from, week, known, typical, peak, cells, learning, whole, wholeLearning, noise)
        {
            Keys = keys,
            Records = records,
        };
    }

    private static void Write(BinaryWriter writer, double[][] cells)
    {
        foreach (double[] cell in cells)
        {
            writer.Write7BitEncodedInt(cell.Length);
            foreach (double count in cell)
            {
                writer.Write7BitEncodedInt64((long)Math.Round(count * Parts));
            }
        }
    }

    private static double[][] ReadCells(BinaryReader reader)
    {
        var cells = new double[SeasonModel.Cells][];
        for (int cell = 0; cell < SeasonModel.Cells; cell++)
        {
            int bins = reader.Read7BitEncodedInt();
            cells[cell] = bins == 0 ? [] : new double[bins];
            for (int bin = 0; bin < bins; bin++)
            {
                cells[cell][bin] = reader.Read7BitEncodedInt64() / Parts;
            }
        }

        return cells;
    }

    private static void Write(BinaryWriter writer, Spread spread)
    {
        writer.Write(spread.Apart);
        writer.Write(spread.Chance);
        writer.Write(spread.Scale);
    }

    private static Spread ReadSpread(BinaryReader reader) => new(reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble());

    private static void Write(BinaryWriter writer, double[] numbers)
    {
        writer.Write7BitEncodedInt(numbers.Length);
        foreach (double number in numbers)
        {
            writer.Write((float)number);
        }
    }

    private static double[] ReadNumbers(BinaryReader reader)
    {
        var numbers = new double[reader.Read7BitEncodedInt()];
        for (int index = 0; index < numbers.Length; index++)
        {
            numbers[index] = reader.ReadSingle();
        }

        return numbers;
    }
}
