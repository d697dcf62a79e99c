using Modeldrop.Manifests;
using Modeldrop.Monitoring;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Monitoring.Watch;
using Modeldrop.Tensors;
using static Modeldrop.Tests.Predictions.LogWorld;

namespace Modeldrop.Tests.Monitoring.Watch;

/// <summary>Rows that arrive together or repeat count for fewer.</summary>
public sealed class DesignEffectTests
{
    /// <summary>Requests of 3, 2, 4 and 1 rows in bins; numpy over all ordered pairs: P = 1/2, Q = 3/7, ρ = 1/8, effect 1 + 2/8.</summary>
    [Fact]
    public void OfRequests_Vector_EqualsAllPairs()
    {
        FeatureCounts counts = Requests([0, 0, 1], [1, 1], [0, 0, 0, 1], [1]);

        Assert.Equal((20L, 10L), (counts.Pairs, counts.AlikePairs));
        Assert.Equal(0.42857142857142855, DesignEffect.BetweenOf(counts)!.Value, 1e-12);
        Assert.Equal(1.25, DesignEffect.OfRequests(counts), 1e-9);
        Assert.Equal(100 / 30.0, DesignEffect.RequestsOf(counts), 1e-12);
    }

    [Fact]
    public void OfRequests_IdenticalRowsInEachRequest_IsTheNumberOfRows()
    {
        FeatureCounts counts = Requests([.. Enumerable.Range(0, 40).Select(request => Enumerable.Repeat(request % 4, 10).ToArray())]);
        Assert.Equal(10, DesignEffect.OfRequests(counts), 1e-9);
    }

    [Fact]
    public void OfRequests_OneRowEachOrNoSimilarity_IsOne()
    {
        Assert.Equal(1, DesignEffect.OfRequests(Requests([.. Enumerable.Range(0, 40).Select(request => new[] { request % 4 })])));
        Assert.Equal(1, DesignEffect.OfRequests(Requests([.. Enumerable.Range(0, 40).Select(_ => new[] { 0, 1, 2, 3 })])));
    }

    [Fact]
    public void OfCopies_ReturningUsers_AreCopies_AndFewValuesAreNot()
    {
        var random = new Random(1);
        KeySample users = Sample(Enumerable.Range(0, 3000).Select(request => (ulong)(request % 300)));
        KeySample others = Sample(Enumerable.Range(0, 2000).Select(row => 1_000_000UL + (ulong)row));
        Assert.Equal(10, DesignEffect.OfCopies(users, 3000, others, 2000), 1e-9);

        KeySample few = Sample(Enumerable.Range(0, 3000).Select(_ => (ulong)random.Next(12)));
        KeySample reference = Sample(Enumerable.Range(0, 2000).Select(_ => (ulong)random.Next(12)));
        Assert.InRange(DesignEffect.OfCopies(few, 3000, reference, 2000), 1, 1.05);
    }

    [Fact]
    public void KeySample_AnyOrderAndParts_GivesTheSame()
    {
        var random = new Random(2);
        ulong[] keys = [.. Enumerable.Range(0, 5000).Select(_ => (ulong)random.Next(700))];
        KeySample whole = Sample(keys);
        random.Shuffle(keys);
        var merged = new KeySample();
        foreach (ulong[] part in keys.Chunk(617).Reverse())
        {
            merged.Add(Sample(part));
        }

        Assert.Equal(whole.Counts, merged.Counts);
        Assert.Equal(KeySample.Size, whole.Counts.Count);
        Assert.All(whole.Counts, one => Assert.Equal(keys.Count(key => Mixed(key) == one.Key), one.Value));
    }

    /// <summary>Before, 40 of 40 such windows were drifted.</summary>
    [Fact]
    public void Evaluate_TenCopiesPerUser_RarelyDrifts()
    {
        var random = new Random(3);
        int drifted = 0;
        int naive = 0;
        for (int window = 0; window < 40; window++)
        {
            ReferenceProfile reference = ReferenceProfiler.Build([Normal(random, 2000)], []);
            HourProfile profile = HourProfile.Empty(reference);
            double[] users = [.. Enumerable.Range(0, 200).Select(_ => Gauss(random))];
            foreach (double user in users)
            {
                Tensor input = Numbers("x", Datatype.Fp64, [1, 1], [user]);
                new FeatureCounter(reference.Features[0]).Count(Numbers("x", Datatype.Fp64, [10, 1], [.. Enumerable.Repeat(user, 10)]),
                    profile.Features[0]);
                profile.Keys.Add(InputKey.Of([input], 0), 10);
                (profile.Records, profile.Rows) = (profile.Records + 10, profile.Rows + 10);
            }

            RowWeights weights = RowWeights.Of(reference, null, profile);
            FeatureDrift feature = Assert.Single(
                DriftEvaluator.Evaluate(reference, null, profile.Features, new MonitoringOptions { MinimumDistance = 0 }, weights));
            Assert.Equal((2000L, 200.0), (feature.CurrentCount, Math.Round(feature.EffectiveCount)));
            Assert.Equal("the same inputs occur 10.0 times", feature.WhyFewer);
            drifted += feature.Drifted ? 1 : 0;
            naive += DriftEvaluator.Evaluate(reference, null, profile.Features, new MonitoringOptions { MinimumDistance = 0 })[0].Drifted
                ? 1 : 0;
        }

        Assert.InRange(naive, 30, 40);
        Assert.InRange(drifted, 0, 3);
    }

    /// <summary>A batch job is one observation.</summary>
    [Fact]
    public void Evaluate_OneRequestOfTwoThousandRows_HasNoVerdict()
    {
        var random = new Random(4);
        ReferenceProfile reference = ReferenceProfiler.Build([Normal(random, 2000)], []);
        HourProfile profile = HourProfile.Empty(reference);
        FeatureCounts request = reference.Features[0].EmptyCounts();
        new FeatureCounter(reference.Features[0]).Count(
            Numbers("x", Datatype.Fp64, [2000, 1], [.. Enumerable.Range(0, 2000).Select(_ => 1 + (0.3 * Gauss(random)))]), request);
        profile.Features[0].AddRequest(request);

        FeatureDrift feature = Assert.Single(DriftEvaluator.Evaluate(
            reference, null, profile.Features, new MonitoringOptions(), RowWeights.Of(reference, null, profile)));
        Assert.Equal((false, null), (feature.Drifted, feature.Test));
        Assert.Contains("fewer than 5 requests", feature.NoVerdict, StringComparison.Ordinal);
    }

    /// <summary>The rows of a slice arrive in the same requests as all rows.</summary>
    [Fact]
    public void Weights_OfASlice_EqualThoseOfTheWholeFeature()
    {
        var random = new Random(5);
        ReferenceProfile reference = ReferenceProfiler.Build(
            [Normal(random, 2000),
                Numbers("group", Datatype.Int64, [2000, 1], [.. Enumerable.Range(0, 2000).Select(row => row % 2.0)])], [],
            policy: new MonitoringPolicy { Slices = [["group"]] });
        HourProfile profile = HourProfile.Empty(reference);
        int whole = Position(reference, feature => feature is { Name: "x", Slice: < 0 });
        FeatureCounts request = reference.Features[whole].EmptyCounts();
        request.Bins[0] = 10;
        FeatureCounts other = reference.Features[whole].EmptyCounts();
        other.Bins[^1] = 10;
        for (int number = 0; number < 50; number++)
        {
            profile.Features[whole].AddRequest(number % 2 == 0 ? request : other);
        }

        RowWeights weights = RowWeights.Of(reference, null, profile);
        int slice = Position(reference, feature => feature is { Tensor: "x", Slice: 0 });
        Assert.Equal(10, weights.Current[slice].Effect, 1e-9);
        Assert.Equal(weights.Current[whole], weights.Current[slice]);
    }

    private static int Position(ReferenceProfile reference, Func<Feature, bool> isIt) =>
        reference.Features.Index().Single(one => isIt(one.Item.Feature)).Index;

    private static FeatureCounts Requests(params int[][] requests)
    {
        var counts = new FeatureCounts { Bins = new long[4] };
        foreach (int[] request in requests)
        {
            var one = new FeatureCounts { Bins = new long[4] };
            foreach (int bin in request)
            {
                one.Bins[bin]++;
            }

            counts.AddRequest(one);
        }

        return counts;
    }

    private static KeySample Sample(IEnumerable<ulong> keys)
    {
        var sample = new KeySample();
        foreach (ulong key in keys)
        {
            sample.Add(Mixed(key));
        }

        return sample;
    }

    private static ulong Mixed(ulong key) => System.IO.Hashing.XxHash3.HashToUInt64(BitConverter.GetBytes(key));

    private static Tensor Normal(Random random, int rows) =>
        Numbers("x", Datatype.Fp64, [rows, 1], [.. Enumerable.Range(0, rows).Select(_ => Gauss(random))]);

    private static double Gauss(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
