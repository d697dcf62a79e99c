using Modeldrop.Manifests;
using Modeldrop.Monitoring;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Monitoring.Statistics;
using Modeldrop.Tensors;
using static Modeldrop.Tests.Predictions.LogWorld;

namespace Modeldrop.Tests.Monitoring.Drift;

/// <summary>Changes in few rows are detected, and unchanged data raise no more alarms than stated.</summary>
public sealed class RareChangeTests
{
    private static readonly MonitoringOptions Options = new();

    /// <summary>scipy.stats.betabinom(n, ends, reference - ends + 1): sum of pmf over the count and above.</summary>
    [Theory]
    [InlineData(1, 100, 150, 2, 0.6409638554216381)]
    [InlineData(3, 100, 150, 2, 0.17733973637792458)]
    [InlineData(5, 1000, 100, 2, 0.9036228304683817)]
    [InlineData(2, 500, 2000, 1, 0.03993597438991119)]
    [InlineData(40, 5000, 100, 1, 0.45149997503751255)]
    [InlineData(100, 100, 50, 2, 5.017720774021645e-39)]
    [InlineData(9, 1000, 20000, 2, 1.1647570480103569e-11)]
    [InlineData(0, 1000, 20000, 2, 1)]
    public void RecordTail_EqualsScipy(long beyond, long values, long reference, int ends, double expected) =>
        Assert.Equal(1, RecordTail.Of(beyond, values, reference, ends) / expected, 1e-9);

    /// <summary>scipy.stats.hypergeom(first + second, bad, second).sf(secondBad - 1).</summary>
    [Theory]
    [InlineData(200, 20000, 40, 1000, 4.061842147516996e-12)]
    [InlineData(3, 150, 9, 150, 0.06893650498900807)]
    [InlineData(0, 5000, 50, 10000, 1.5054087459856731e-09)]
    [InlineData(5000, 10000, 5200, 10000, 0.0024393978844534227)]
    [InlineData(10, 1000, 1, 1000, 0.9995250325342492)]
    [InlineData(0, 20000, 30, 3000, 2.5517597008193244e-27)]
    public void FisherTail_EqualsScipy(long firstBad, long first, long secondBad, long second, double expected) =>
        Assert.Equal(1, FisherTail.Of(firstBad, first, secondBad, second) / expected, 1e-9);

    [Theory]
    [InlineData("flag")]
    [InlineData("rare")]
    [InlineData("price")]
    [InlineData("amount")]
    [InlineData("code")]
    public void Evaluate_ChangeOfFewRows_IsTheOnlyDrift(string changed)
    {
        var random = new Random(11);
        int seen = 0;
        int others = 0;
        for (int check = 0; check < 25; check++)
        {
            ReferenceProfile reference = ReferenceProfiler.Build(Sample(random, 20_000, ""), []);
            IReadOnlyList<FeatureDrift> features = DriftEvaluatorTests.Evaluate(reference, Sample(random, 3_000, changed));
            seen += features.Single(feature => feature.Name == changed).Drifted ? 1 : 0;
            others += features.Count(feature => feature.Name != changed && feature.Drifted);
        }

        Assert.InRange(seen, 24, 25);
        Assert.InRange(others, 0, 1);
    }

    /// <summary>
    /// Stated: an alarm in at most 1 % of the checks. With 200 checks each, more than 6 occur in 0.4 % of runs at exactly 1 %.
    /// </summary>
    [Theory]
    [InlineData(150, 1_000)]
    [InlineData(2_000, 300)]
    [InlineData(10_000, 3_000)]
    public void Evaluate_UnchangedRareValues_RarelyAlarm(int referenceRows, int rows)
    {
        var random = new Random(12);
        int drifts = 0;
        int issues = 0;
        for (int check = 0; check < 200; check++)
        {
            ReferenceProfile reference = ReferenceProfiler.Build(Sample(random, referenceRows, ""), []);
            IReadOnlyList<FeatureDrift> features = DriftEvaluatorTests.Evaluate(reference, Sample(random, rows, ""));
            drifts += features.Any(feature => feature.Drifted) ? 1 : 0;
            issues += features.Any(feature => feature.Issues.Any(issue => issue.Kind == QualityIssueKind.OutOfRange)) ? 1 : 0;
        }

        Assert.InRange(drifts, 0, 6);
        Assert.InRange(issues, 0, 6);
    }

    /// <summary>scipy.stats.beta.isf(chance, 2, reference - 1).</summary>
    [Theory]
    [InlineData(150, 0.002, 0.05503029238343812)]
    [InlineData(100, 0.01, 0.06454273204858164)]
    public void ReferenceLimits_Beyond_EqualsScipy(long reference, double chance, double expected) =>
        Assert.Equal(expected, ReferenceLimits.BeyondOf(reference, chance), 1e-9);

    [Fact]
    public void ReferenceLimits_SmallReferences_NoteWhatTheyCannotShow()
    {
        var random = new Random(17);
        Assert.Contains("50 rows, so there is no verdict",
            ReferenceLimits.NoteOf(ReferenceProfiler.Build(Sample(random, 50, ""), []), Options), StringComparison.Ordinal);
        Assert.Matches("150 rows, so even unlimited traffic reveals a shift of a number only of about 0.[45]. σ or more",
            ReferenceLimits.NoteOf(ReferenceProfiler.Build(Sample(random, 150, ""), []), Options));
        Assert.Null(ReferenceLimits.NoteOf(ReferenceProfiler.Build(Sample(random, 2_000, ""), []), Options));

        ReferenceProfile small = ReferenceProfiler.Build(Sample(random, 50, ""), []);
        FeatureDrift feature = DriftEvaluatorTests.Evaluate(small, Sample(random, 980, ""))[0];
        Assert.Contains("50 values in the reference; a verdict needs 100", feature.NoVerdict, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_RareValue_IsNamedWithItsChange()
    {
        var random = new Random(13);
        ReferenceProfile reference = ReferenceProfiler.Build(Sample(random, 20_000, ""), []);
        FeatureDrift flag = DriftEvaluatorTests.Evaluate(reference, Sample(random, 3_000, "flag"))
            .Single(feature => feature.Name == "flag");

        BinChange change = Assert.Single(flag.BinChanges);
        Assert.Equal("1", change.Bin);
        Assert.InRange(change.ReferenceShare, 0.007, 0.013);
        Assert.InRange(change.Share, 0.03, 0.05);
        Assert.True(flag.Statistics.Single(statistic => statistic.Name == JensenShannon.Name).Value < flag.Floor);
    }

    [Fact]
    public void Evaluate_FloorOfTheManifest_ReplacesTheGeneralRules()
    {
        var random = new Random(14);
        Tensor[] sample = Sample(random, 20_000, "");
        Tensor[] changed = Sample(random, 3_000, "flag");
        bool Drifted(double floor)
        {
            var policy = new MonitoringPolicy { Features = new Dictionary<string, FeaturePolicy> { ["flag"] = new(Floor: floor) } };
            return DriftEvaluatorTests.Evaluate(ReferenceProfiler.Build(sample, [], policy: policy), changed)
                .Single(feature => feature.Name == "flag").Drifted;
        }

        Assert.True(Drifted(0.05));
        Assert.False(Drifted(0.2));
    }

    [Fact]
    public void Evaluate_PolicyOfTheManifest_IsFollowed()
    {
        var random = new Random(15);
        var policy = new MonitoringPolicy
        {
            Significance = 0.001,
            Features = new Dictionary<string, FeaturePolicy>
            {
                ["flag"] = new(Watch: false),
                ["price"] = new(Range: new ExpectedRange(0, 1e6), Importance: 4),
                ["count"] = new(Kind: FeaturePolicyKind.Numeric),
            },
        };
        Tensor[] sample = [.. Sample(random, 5_000, ""),
            Numbers("count", Datatype.Int64, [5_000], [.. Enumerable.Range(0, 5_000).Select(row => row % 7L)])];
        ReferenceProfile reference = ReferenceProfiler.Build(sample, [], policy: policy).Seal().Profile;
        Assert.Equal((0.001, new FeaturePolicy(Watch: false)),
            (reference.Significance, reference.Features.Single(feature => feature.Feature.Name == "flag").Policy));
        Assert.Equal(FeatureKind.Numeric, reference.Features.Single(feature => feature.Feature.Name == "count").Kind);
        double[] edges = reference.Features.Single(feature => feature.Feature.Name == "price").Edges!;
        Assert.Equal((0, double.BitIncrement(1e6)), (edges[0], edges[^1]));

        IReadOnlyList<FeatureDrift> features = DriftEvaluatorTests.Evaluate(
            reference, [.. Sample(random, 3_000, "flag"),
            Numbers("count", Datatype.Int64, [3_000], [.. Enumerable.Range(0, 3_000).Select(row => row % 7L)])]);

        FeatureDrift flag = features.Single(feature => feature.Name == "flag");
        Assert.Equal((false, null, null), (flag.Drifted, flag.Test, flag.AdjustedPValue));
        Assert.Contains("manifest", flag.NoVerdict, StringComparison.Ordinal);
        Assert.NotEmpty(flag.Statistics);
        Assert.Equal(4, features.Single(feature => feature.Name == "price").Importance);
    }

    /// <summary>R: p.adjust(p * mean(w) / w, "BH").</summary>
    [Fact]
    public void BenjaminiHochberg_Weighted_DividesByTheWeights()
    {
        double[] adjusted = BenjaminiHochberg.Adjust([0.01, 0.02, 0.5], [4, 1, 1]);
        Assert.Equal([0.015, 0.06, 1], adjusted.Select(value => Math.Round(value, 12)));
        Assert.Equal(BenjaminiHochberg.Adjust([0.01, 0.02, 0.5]), BenjaminiHochberg.Adjust([0.01, 0.02, 0.5], [7, 7, 7]));
    }

    [Theory]
    [InlineData(300, false)]
    [InlineData(20_000, true)]
    public void Detectable_WithTheFloor_IsDetectedNineTimesOutOfTen_AndLessIsNot(int rows, bool byFloor)
    {
        var random = new Random(16);
        DetectableShift? detectable = null;
        int Seen(double part)
        {
            int seen = 0;
            for (int check = 0; check < 60; check++)
            {
                ReferenceProfile reference = ReferenceProfiler.Build([Normal(random, 20_000, 0)], []);
                detectable ??= DriftEvaluatorTests.Evaluate(reference, [Normal(random, rows, 0)])[0].Detectable!;
                seen += DriftEvaluatorTests.Evaluate(reference, [Normal(random, rows, part * detectable.Deviations!.Value)])[0].Drifted
                    ? 1 : 0;
            }

            return seen;
        }

        // 54 expected, 46 is 3.4 standard deviations below.
        Assert.InRange(Seen(1), 46, 60);
        Assert.Equal(byFloor, detectable!.ByFloor);
        Assert.InRange(detectable.Deviations!.Value, 0.2, byFloor ? 0.3 : 0.4);
        if (byFloor)
        {
            // The floor is a sharp limit: at nine tenths of it almost nothing is reported as drifted.
            Assert.InRange(Seen(0.9), 0, 20);
        }
    }

    private static Tensor Normal(Random random, int rows, double shift) => Numbers(
        "x", Datatype.Fp64, [rows, 1], [.. Enumerable.Range(0, rows).Select(_ => Gaussian(random) + shift)]);

    private static double Gaussian(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    /// <summary>A flag of 1 %, 40 mostly rare categories, a price, an amount, and a float that is a code.</summary>
    private static Tensor[] Sample(Random random, int rows, string changed)
    {
        string Word()
        {
            // Zipf: the twentieth has 1 %, the fortieth 0.6 %.
            int word = Math.Min(39, (int)Math.Exp(random.NextDouble() * Math.Log(41)) - 1);
            return changed == "rare" ? $"w{word switch { 4 => 30, 30 => 4, _ => word }}" : $"w{word}";
        }

        double Price() => changed == "price" && random.NextDouble() < 0.05 ? 0 : Math.Exp(3 + Gaussian(random));
        double Amount() => (10 + Gaussian(random)) * (changed == "amount" && random.NextDouble() < 0.005 ? 1000 : 1);
        double Code() => random.NextDouble() < (changed == "code" ? 0.03 : 0.005) ? 9 : random.Next(4);
        return
        [
            Numbers("flag", Datatype.Bool, [rows, 1],
                [.. Enumerable.Range(0, rows).Select(_ => (byte)(random.NextDouble() < (changed == "flag" ? 0.04 : 0.01) ? 1 : 0))]),
            Tensor.OfStrings("rare", [rows, 1], [.. Enumerable.Range(0, rows).Select(_ => Word())]),
            Numbers("price", Datatype.Fp64, [rows, 1], [.. Enumerable.Range(0, rows).Select(_ => Price())]),
            Numbers("amount", Datatype.Fp64, [rows, 1], [.. Enumerable.Range(0, rows).Select(_ => Amount())]),
            Numbers("code", Datatype.Fp64, [rows, 1], [.. Enumerable.Range(0, rows).Select(_ => Code())]),
        ];
    }
}
