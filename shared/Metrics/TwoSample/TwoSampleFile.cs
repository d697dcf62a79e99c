using System.Text;

namespace Modeldrop.Metrics.TwoSample;

/// <summary>The data of a two-sample test, in a file for the process that runs it.</summary>
/// <param name="Columns">By feature, then by row, both samples together.</param>
/// <param name="Labels">By row: 0 for the first sample, 1 for the second.</param>
/// <param name="Groups">By row: rows of the same group are not independent.</param>
public sealed record TwoSampleFile(IReadOnlyList<string> Names, double[][] Columns, byte[] Labels, int[] Groups, int Seed)
{
    public const string FileName = "samples.bin";

    public void Write(string path)
    {
        using var writer = new BinaryWriter(File.Create(path), Encoding.UTF8);
        writer.Write(Seed);
        writer.Write(Labels.Length);
        writer.Write(Labels);
        foreach (int group in Groups)
        {
            writer.Write(group);
        }

        writer.Write(Names.Count);
        foreach ((int index, string name) in Names.Index())
        {
            writer.Write(name);
            foreach (double value in Columns[index])
            {
                writer.Write(value);
            }
        }
    }

    public static TwoSampleFile Read(string path)
    {
        using var reader = new BinaryReader(File.OpenRead(path), Encoding.UTF8);
        int seed = reader.ReadInt32();
        byte[] labels = reader.ReadBytes(reader.ReadInt32());
        int[] groups = [.. Enumerable.Range(0, labels.Length).Select(_ => reader.ReadInt32())];
        string[] names = new string[reader.ReadInt32()];
        double[][] columns = new double[names.Length][];
        for (int feature = 0; feature < names.Length; feature++)
        {
            names[feature] = reader.ReadString();
            columns[feature] = [.. Enumerable.Range(0, labels.Length).Select(_ => reader.ReadDouble())];
        }

        return new TwoSampleFile(names, columns, labels, groups, seed);
    }

    /// <summary>Null when there are too few rows.</summary>
    public TwoSampleResult? Run(TimeProvider clock) => TwoSampleTest.Run(Names, Columns, Labels, Groups, Seed, clock);
}
