using Modeldrop.Monitoring.Profiles;
using Modeldrop.Tensors;

namespace Modeldrop.MonitoringBench;

/// <summary>Random values of the kinds that columns have.</summary>
internal sealed record Stream(string Name, Datatype Datatype, Func<Random, double, double> Draw)
{
    public static readonly Stream Normal = new("normal", Datatype.Fp64, (random, shift) => Gauss(random) + shift);

    public static readonly Stream[] All =
    [
        Normal,
        new("lognormal, σ = 2", Datatype.Fp64, (random, shift) => Math.Exp(2 * (Gauss(random) + shift))),
        new("Cauchy", Datatype.Fp64, (random, shift) => Math.Tan(Math.PI * (random.NextDouble() - 0.5)) + shift),
        new("half zeros", Datatype.Fp64, (random, shift) => random.Next(2) == 0 ? 0 : Gauss(random) + shift),
        .. ((int[])[2, 10, 30, 100]).Select(Category),
    ];

    public static Stream Category(int values) => new($"{values} categories", Datatype.Bytes, (random, _) => random.Next(values));

    public Tensor Sample(Random random, int rows, double shift = 0)
    {
        double[] values = new double[rows];
        for (int row = 0; row < rows; row++)
        {
            values[row] = Draw(random, shift);
        }

        return ToTensor("x", values);
    }

    public Tensor ToTensor(string name, double[] values) => Datatype == Datatype.Bytes
        ? Tensor.OfStrings(name, [values.Length, 1], [.. values.Select(value => $"v{value:0}")])
        : Tensor.OfBytes(
            name, Datatype.Fp64, [values.Length, 1], System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    public static FeatureCounts Count(ReferenceFeature feature, Tensor tensor)
    {
        FeatureCounts counts = feature.EmptyCounts();
        new FeatureCounter(feature).Count(tensor, counts);
        return counts;
    }

    public static double Gauss(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
