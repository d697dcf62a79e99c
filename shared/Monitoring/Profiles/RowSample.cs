using System.IO.Compression;
using System.Text;

namespace Modeldrop.Monitoring.Profiles;

/// <summary>Some rows as numbers, feature by feature: the input of a classifier that compares samples.</summary>
/// <param name="Features">Inputs by name; outputs with the prefix <c>output </c>.</param>
/// <param name="Columns">
/// By feature, then by row. Numbers are unchanged, missing values are NaN, and a category is the position of its bin.
/// </param>
public sealed record RowSample(IReadOnlyList<string> Features, double[][] Columns)
{
    /// <summary>Maximum number of rows kept from a reference.</summary>
    public const int MaxRows = 2_000;

    private const byte Format = 1;

    public int Rows => Columns.Length == 0 ? 0 : Columns[0].Length;

    public byte[] Encode()
    {
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(new BrotliStream(stream, CompressionLevel.Fastest), Encoding.UTF8))
        {
            writer.Write(Format);
            writer.Write(Features.Count);
            writer.Write(Rows);
            foreach ((int index, string name) in Features.Index())
            {
                writer.Write(name);
                foreach (double value in Columns[index])
                {
                    writer.Write(value);
                }
            }
        }

        return stream.ToArray();
    }

    public static RowSample Decode(byte[] bytes)
    {
        using var reader = new BinaryReader(new BrotliStream(new MemoryStream(bytes), CompressionMode.Decompress), Encoding.UTF8);
        if (reader.ReadByte() is var format && format != Format)
        {
            throw new InvalidDataException($"A sample of rows has format {format}; this program reads {Format}.");
        }

        string[] names = new string[reader.ReadInt32()];
        double[][] columns = new double[names.Length][];
        int rows = reader.ReadInt32();
        for (int feature = 0; feature < names.Length; feature++)
        {
            names[feature] = reader.ReadString();
            columns[feature] = [.. Enumerable.Range(0, rows).Select(_ => reader.ReadDouble())];
        }

        return new RowSample(names, columns);
    }
}
