using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Tensors;
using static Modeldrop.Tests.Predictions.LogWorld;

namespace Modeldrop.Tests.Monitoring.Profiles;

public sealed class ReferenceProfilerTests
{
    [Fact]
    public void Build_UniformNumbers_HasDecilesWithEqualCounts()
    {
        ReferenceFeature feature = Assert.Single(
            Build(Floats("x", [1000, 1], [.. Enumerable.Range(0, 1000).Select(value => (float)value)])));
        Assert.Equal(FeatureKind.Numeric, feature.Kind);
        // 0 has its own bin.
        Assert.Equal([0, double.Epsilon, 100, 200, 300, 400, 500, 600, 700, 800, 900, double.BitIncrement(999)], feature.Edges!);
        Assert.Equal(["< 0", "0", "0 to 100"], feature.BinLabels().Take(3));
        Assert.Equal([0, 1, 99, 100, 100, 100, 100, 100, 100, 100, 100, 100, 0], feature.Counts.Bins);
        Assert.Equal((0, 999, 1000, 0), (feature.Counts.Min, feature.Counts.Max, feature.Counts.Finite, feature.Counts.Missing));
        // numpy: mean 499.5, std 288.6749902572095
        Assert.Equal(499.5, feature.MeanOf(feature.Counts)!.Value, 1e-6);
        Assert.Equal(288.6749902572095, feature.DeviationOf(feature.Counts)!.Value, 1e-6);
        Assert.Equal(feature.BinCount, feature.BinLabels().Count);
    }

    [Fact]
    public void Build_HeavyTies_GiveFrequentValuesTheirOwnBin()
    {
        float[] values = [
            .. Enumerable.Repeat(0f, 600), .. Enumerable.Range(1, 400).Select(value => (float)value), float.NaN, float.PositiveInfinity];
        ReferenceFeature feature = Assert.Single(Build(Floats("x", [1002], values)));
        Assert.Equal([0, double.BitIncrement(0)], feature.Edges![..2]);
        Assert.Equal((0, 600), (feature.Counts.Bins[0], feature.Counts.Bins[1]));
        Assert.Equal((1, 1), (feature.Counts.NotANumber, feature.Counts.Bins[^1]));
        Assert.Equal(1001, feature.Counts.Total());
        Assert.Equal(400, feature.Counts.Max);
    }

    [Theory]
    [InlineData(0.0f)]
    [InlineData(-7.5f)]
    [InlineData(float.MaxValue)]
    public void Build_Constant_DistinguishesItFromAllOtherValues(float value)
    {
        ReferenceFeature feature = Assert.Single(Build(Floats("x", [3], value, value, value)));
        Assert.Equal([0, 3, 0], feature.Counts.Bins);
        Assert.Equal(value, feature.MeanOf(feature.Counts)!.Value, 1e-6);
    }

    [Theory]
    [InlineData(5.5f, 100)]
    [InlineData(0.0f, -20_000)]
    [InlineData(-2e20f, 7)]
    public void Mean_OfOtherValuesThanAConstant_IsTheirs(float constant, float now)
    {
        ReferenceFeature feature = Assert.Single(Build(Floats("x", [3], constant, constant, constant)));
        FeatureCounts counts = Counted(feature, now, now);
        Assert.Equal(now, feature.MeanOf(counts)!.Value, Math.Max(1, Math.Abs(constant)) * 1e-8);
        Assert.Equal(0, feature.DeviationOf(counts)!.Value, Math.Max(1, Math.Abs(constant)) * 1e-8);
    }

    /// <summary>The sums have a bound. A mean with a part of a value would be wrong.</summary>
    [Fact]
    public void Mean_WithAValueFarBeyondTheReference_IsAbsent()
    {
        ReferenceFeature feature = Assert.Single(
            Build(Floats("x", [1000, 1], [.. Enumerable.Range(0, 1000).Select(value => (float)value)])));
        Assert.Equal(30_000_001, feature.MeanOf(Counted(feature, 2, 60_000_000))!.Value, 1);
        FeatureCounts far = Counted(feature, 2, 1e12f);
        Assert.Null(feature.MeanOf(far));
        Assert.Null(feature.DeviationOf(far));
        Assert.Equal(1, far.Bins[^1]);
    }

    [Fact]
    public void Build_FloatsOfFewValues_HaveOneBinPerValue()
    {
        ReferenceFeature feature = Assert.Single(
            Build(Floats("x", [200], [.. Enumerable.Range(0, 200).Select(row => row == 7 ? 9f : row % 3)])));
        Assert.Equal((67, 66, 66, 1), (Share(0), Share(1), Share(2), Share(9)));
        Assert.Equal(200, feature.Counts.Total());
        long Share(double value) => feature.Counts.Bins[Array.IndexOf(feature.Edges!, value) + 1];
    }

    [Fact]
    public void Build_OnlyNaN_HasNoValues()
    {
        ReferenceFeature feature = Assert.Single(Build(Floats("x", [2], float.NaN, float.NaN)));
        Assert.Equal((0, 2), (feature.Counts.Total(), feature.Counts.NotANumber));
        Assert.Null(feature.MeanOf(feature.Counts));
    }

    [Fact]
    public void Build_IntegersOfFewValues_AreACategory()
    {
        ReferenceFeature few = Assert.Single(Build(Numbers("x", Datatype.Int64, [5, 1], new long[] { 7, -1, 7, 7, -1 })));
        Assert.Equal((FeatureKind.Category, true), (few.Kind, few.IsInteger));
        Assert.Equal(["7", "-1"], few.Values!);
        Assert.Equal([3, 2, 0, 0], few.Counts.Bins);
        ReferenceFeature many = Assert.Single(
            Build(Numbers("x", Datatype.Int64, [100], Enumerable.Range(0, 100).Select(value => (long)value).ToArray())));
        Assert.Equal(FeatureKind.Numeric, many.Kind);
        ReferenceFeature large = Assert.Single(Build(Numbers("x", Datatype.Uint64, [2], new ulong[] { ulong.MaxValue, 0 })));
        Assert.Equal(["0", "18446744073709551615"], large.Values!);
        ReferenceFeature flag = Assert.Single(Build(Numbers("x", Datatype.Bool, [3], new byte[] { 1, 0, 1 })));
        Assert.Equal(["1", "0"], flag.Values!);
    }

    [Fact]
    public void Build_Texts_ListsTheFrequentAndRecognisesTheOthers()
    {
        string[] texts = [.. Enumerable.Range(0, 100).SelectMany(value => Enumerable.Repeat($"v{value:d3}", 100 - value)), "", ""];
        ReferenceFeature feature = Assert.Single(Build(Tensor.OfStrings("s", [texts.Length], texts)));
        Assert.Equal((64, 64 + 64), (feature.Values!.Length, feature.BinCount));
        Assert.Equal("v000", feature.Values[0]);
        // The even rows choose the bins and are known; the odd rows are counted.
        string[] choosing = [.. texts.Where((text, row) => row % 2 == 0 && text.Length > 0).Distinct()];
        string[] counted = [.. texts.Where((text, row) => row % 2 == 1 && text.Length > 0)];
        Assert.Equal((choosing.Length, choosing.Length - 64), (feature.Distinct, TextHash.Unpack(feature.Known!).Length));
        Assert.Equal((50, 1, counted.Length), (feature.Counts.Bins[0], feature.Counts.Missing, feature.Counts.Total()));
        Assert.Equal(counted.Count(text => !choosing.Contains(text)), feature.UnseenOf(feature.Counts));
        Assert.Equal(counted.Count(text => !feature.Values.Contains(text)), feature.ComparedOf(feature.Counts)[64..].Sum());
        Assert.Equal(counted.Length, feature.ComparedOf(feature.Counts).Sum());
        Assert.Equal(feature.ComparedOf(feature.Counts).Length, feature.ComparedLabels().Count);
        Assert.Equal(feature.BinCount, feature.BinLabels().Count);

        ReferenceFeature keys = Assert.Single(
            Build(Tensor.OfStrings("s", [5000], [.. Enumerable.Range(0, 5000).Select(value => $"id{value}")])));
        Assert.Equal(2500, keys.UnseenOf(keys.Counts));
    }

    [Fact]
    public void Build_MoreValuesThanAreKept_StillRecognisesSomeNewValues()
    {
        string[] texts = [.. Enumerable.Range(0, 8000).Select(row => $"id{row / 2 % 2000}")];
        ReferenceFeature feature = Assert.Single(ReferenceProfiler.Build(
            [Tensor.OfStrings("s", [8000], texts)], [], limits: new ProfilerLimits { KnownValues = 500 }).Features);

        Assert.Equal(0, feature.UnseenOf(feature.Counts));
        FeatureCounts news = feature.EmptyCounts();
        new FeatureCounter(feature).Count(Tensor.OfStrings("s", [1000], [.. Enumerable.Range(0, 1000).Select(row => $"new{row}")]), news);
        // 500 of 1,936 values are kept, so about a quarter of new texts can be recognised as new.
        Assert.InRange(feature.UnseenOf(news), 200, 320);
    }

    [Fact]
    public void Build_WideTensors_HaveOneFeaturePerColumnOrGroupsOrValuesOfRows()
    {
        ReferenceProfile profile = ReferenceProfiler.Build(
            [Floats("pixels", [2, 3], 1, 2, 3, 4, 5, 6), Floats("image", [2, 300], new float[600]), Floats("text", [2, 4], new float[8])],
            [Floats("pixels", [2, 1], 0, 1)],
            new Signature(
                [new("pixels", Datatype.Fp32, [-1, 3]), new("image", Datatype.Fp32, [-1, 300]), new("text", Datatype.Fp32, [-1, -1])], []));
        Assert.Equal(
            [("pixels_0", false), ("pixels_1", false), ("pixels_2", false), ("image", false), ("text~element", false),
                ("text~width", false), ("pixels", true)],
            profile.Features.Where(feature => feature.Feature.Groups == 0)
                .Select(feature => (feature.Feature.Name, feature.Feature.IsOutput)));
        Assert.Equal("image", Assert.Single(profile.Features, feature => feature.Feature.IsSummary).Feature.Name);
        Assert.Equal(
            Enumerable.Range(0, 32).Select(group => $"image~{group}"),
            profile.Features.Where(feature => feature.Feature.Groups > 0).Select(feature => feature.Feature.Name));
        Assert.Equal((2, 5), (profile.Features[1].Counts.Min, profile.Features[1].Counts.Max));
        Assert.Equal((600, 2, 2), (profile.Features[3].Counts.Total(), profile.Features[36].Counts.Total(), profile.Rows));
    }

    [Fact]
    public void Seal_ThenParse_IsTheSameAndHasTheDigestOfTheDocument()
    {
        ReferenceProfile profile = ReferenceProfiler.Build(
            [Floats("x", [4, 1], 0.1f, -3.5f, float.NaN, float.PositiveInfinity), Tensor.OfStrings("s", [4], ["a", "b", "", "ü"])], []);
        (byte[] document, ReferenceProfile read) = profile.Seal();
        Assert.Equal(document, read.Seal().Document);
        Assert.Equal(64, read.Digest.Length);
        Assert.Equal(profile.Features[0].Edges, read.Features[0].Edges);
        Assert.Equal(profile.Features[0].Counts.SumOfSquares, read.Features[0].Counts.SumOfSquares);
    }

    [Property(MaxTest = 50)]
    public Property Counts_AnyPartitionInAnyOrder_HaveTheSameBytes()
    {
        ReferenceProfile reference = ReferenceProfiler.Build(
            [Floats("x", [50], [.. Enumerable.Range(0, 50).Select(value => (value * 0.37f) - 3)])], []).Seal().Profile;
        return Prop.ForAll(
            Gen.Elements(0f, -0f, 1.1f, -2.7f, 1e-30f, 1e30f, float.NaN, float.NegativeInfinity, 3.3333333f, 12f).ArrayOf(40).Two()
                .ToArbitrary(),
            ArbMap.Default.ArbFor<int>(),
            (values, seed) =>
            {
                float[] all = [.. values.Item1, .. values.Item2];
                byte[] whole = HourProfileCodec.Encode(Count(reference, all));
                var random = new Random(seed);
                random.Shuffle(all);
                int cut = random.Next(all.Length);
                HourProfile first = Count(reference, all[..cut]);
                HourProfile second = Count(reference, all[cut..]);
                HourProfile sum = random.Next(2) == 0 ? Sum(reference, first, second) : Sum(reference, second, first);
                return whole.SequenceEqual(HourProfileCodec.Encode(sum))
                    && whole.SequenceEqual(HourProfileCodec.Encode(HourProfileCodec.Decode(whole)));
            });
    }

    private static IReadOnlyList<ReferenceFeature> Build(Tensor tensor) => ReferenceProfiler.Build([tensor], []).Features;

    private static HourProfile Count(ReferenceProfile reference, float[] values)
    {
        HourProfile profile = HourProfile.Empty(reference);
        new FeatureCounter(reference.Features[0]).Count(Floats("x", [values.Length], values), profile.Features[0]);
        profile.Rows = values.Length;
        return profile;
    }

    private static HourProfile Sum(ReferenceProfile reference, params HourProfile[] parts)
    {
        HourProfile sum = HourProfile.Empty(reference);
        Assert.All(parts, sum.Add);
        return sum;
    }

    private static FeatureCounts Counted(ReferenceFeature feature, params float[] values)
    {
        FeatureCounts counts = feature.EmptyCounts();
        new FeatureCounter(feature).Count(Floats(feature.Feature.Tensor, [values.Length, 1], values), counts);
        return counts;
    }
}
