using Modeldrop.Monitoring;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Monitoring.Statistics;
using Modeldrop.Tensors;
using static Modeldrop.Tests.Predictions.LogWorld;

namespace Modeldrop.Tests.Monitoring.Drift;

public sealed class DriftEvaluatorTests
{
    private static readonly MonitoringOptions Options = new();

    [Theory]
    [InlineData(100)]
    [InlineData(300)]
    [InlineData(3000)]
    public void Evaluate_UnchangedColumns_RarelyAlarms(int rows)
    {
        // 300 checks of 8 features, each a fresh sample from the reference's distribution. Stated: a false alarm in at most 1 % of the
        // checks, so at most 3 are expected. More than 6 occur in 3 % of runs at exactly 1 %, and the effect floor makes alarms rarer on
        // many rows.
        var random = new Random(20260102);
        int alarms = 0;
        for (int check = 0; check < 300; check++)
        {
            ReferenceProfile reference = ReferenceProfiler.Build(Sample(random, 2000, 0), []);
            alarms += Evaluate(reference, Sample(random, rows, 0)).Any(feature => feature.Drifted) ? 1 : 0;
        }

        Assert.InRange(alarms, 0, 6);
    }

    [Theory]
    [InlineData(300, 0.5)]
    [InlineData(3000, 0.35)]
    public void Evaluate_ShiftedColumn_OnlyThisColumnDrifts(int rows, double shift)
    {
        var random = new Random(5);
        int found = 0;
        int others = 0;
        for (int check = 0; check < 50; check++)
        {
            ReferenceProfile reference = ReferenceProfiler.Build(Sample(random, 5000, 0), []);
            IReadOnlyList<FeatureDrift> features = Evaluate(reference, Sample(random, rows, shift));
            found += features[0].Drifted ? 1 : 0;
            others += features.Skip(1).Count(feature => feature.Drifted);
        }

        Assert.InRange(found, 48, 50);
        Assert.InRange(others, 0, 2);
    }

    /// <summary>All features are evaluated every hour: 720 times a month.</summary>
    [Fact]
    public void WithFirstHours_AllFirstHoursFound_StopsReading()
    {
        var random = new Random(5);
        ReferenceProfile reference = ReferenceProfiler.Build(Sample(random, 5000, 0), []);
        Tensor[] shifted = Sample(random, 3000, 1);
        IReadOnlyList<FeatureDrift> features = Evaluate(reference, shifted);
        int read = 0;
        IEnumerable<HourRow> Hours()
        {
            for (int hour = 100; hour < 820; hour++)
            {
                read++;
                yield return new HourRow(hour, 1, Counted(reference, hour == 100 ? Sample(random, 3000, 0) : shifted));
            }
        }

        FeatureDrift[] found = DriftService.WithFirstHours(features, reference, null, Hours(), Options);

        Assert.InRange(read, 2, 10);
        Assert.Equal(DateTimeOffset.UnixEpoch.AddHours(100 + read - 1), found.Max(feature => feature.FirstHour));
        Assert.All(found, feature => Assert.Equal(feature.Drifted, feature.FirstHour is not null));
    }

    [Fact]
    public void Evaluate_SignificantButTiny_IsNotDrift()
    {
        ReferenceProfile reference = Profile([10_000, 10_000]);
        FeatureDrift feature = Assert.Single(Evaluate(reference, [Tensor.OfStrings("s", [20_000], Words(9_700, 10_300))]));
        Assert.True(feature.AdjustedPValue < Options.Significance);
        Assert.False(feature.Drifted);
    }

    [Fact]
    public void Evaluate_LargeButFewValues_HasNoVerdict()
    {
        FeatureDrift feature = Assert.Single(Evaluate(Profile([500, 500]), [Tensor.OfStrings("s", [99], Words(99, 0))]));
        Assert.True(feature.Statistics.Single(statistic => statistic.Name == JensenShannon.Name).Exceeded);
        Assert.Equal((false, null, null), (feature.Drifted, feature.Test, feature.AdjustedPValue));
        Assert.Contains("99 values in the window; a verdict needs 100", feature.NoVerdict, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_NothingInTheWindow_HasNoStatistics()
    {
        FeatureDrift feature = Assert.Single(Evaluate(Profile([500, 500]), [Tensor.OfStrings("s", [2], ["", ""])]));
        Assert.Empty(feature.Statistics);
        Assert.Equal((1, 0), (feature.Quality.Missing, feature.Quality.ReferenceMissing));
    }

    [Fact]
    public void Evaluate_Drifted_NamesTheMovedBins()
    {
        FeatureDrift feature = Assert.Single(
            Evaluate(Profile([500, 500]), [Tensor.OfStrings("s", [400], [.. Words(100, 200), .. Enumerable.Repeat("z", 100)])]));
        Assert.True(feature.Drifted);
        Assert.Equal(
            [new BinShift("w0", 500, 100), new BinShift("w1", 500, 200), new BinShift("(other)", 0, 0), new BinShift("(unseen)", 0, 100)],
            feature.Bins);
        // Among values known to the reference, w0 has a third and w1 two thirds. Unknown values are not drift, but a quality issue.
        Assert.Equal(["w0", "w1"], feature.MovedMost);
        Assert.Equal(
            (QualityIssueKind.Unseen, 0.25, 0.0),
            (Assert.Single(feature.Issues).Kind, feature.Issues[0].Share, feature.Issues[0].ReferenceShare));
    }

    [Fact]
    public void Evaluate_UnseenAndMissingValues_AreQualityIssuesAndNotDrift()
    {
        string[] values = [.. Words(200, 200), .. Enumerable.Repeat("new", 40), .. Enumerable.Repeat("", 60)];
        FeatureDrift feature = Assert.Single(Evaluate(Profile([500, 500]), [Tensor.OfStrings("s", [values.Length], values)]));

        Assert.False(feature.Drifted);
        Assert.Equal(1, feature.AdjustedPValue);
        Assert.Equal([QualityIssueKind.Missing, QualityIssueKind.Unseen], feature.Issues.Select(issue => issue.Kind).Order());
        Assert.All(feature.Issues, issue => Assert.True(issue.AdjustedPValue < Options.Significance));
    }

    [Fact]
    public void Evaluate_FewMissingValues_AreNoIssueEvenIfSignificant()
    {
        // 0.2 %: below the least change of a rare value.
        string[] values = [.. Words(5000, 5000), .. Enumerable.Repeat("", 20)];
        Assert.Empty(Assert.Single(Evaluate(Profile([5000, 5000]), [Tensor.OfStrings("s", [values.Length], values)])).Issues);
    }

    [Fact]
    public void Evaluate_AllNumbersFarOutsideTheReference_AreDriftAndAQualityIssue()
    {
        ReferenceProfile reference = ReferenceProfiler.Build(
            [Numbers("x", Datatype.Fp64, [1000, 1], [.. Enumerable.Range(0, 1000).Select(value => (double)value)])], []);
        FeatureDrift feature = Assert.Single(
            Evaluate(reference, [Numbers("x", Datatype.Fp64, [300, 1], [.. Enumerable.Range(0, 300).Select(value => 5000.0 + value)])]));

        Assert.True(feature.Drifted);
        Assert.Equal(QualityIssueKind.OutOfRange, Assert.Single(feature.Issues).Kind);
        Assert.Equal(1, feature.Statistics.Single(statistic => statistic.Name == KolmogorovSmirnov.Name).Value);
        // From about 500 to about 7,500 or so, in units of about 289.
        Assert.InRange(feature.Statistics.Single(statistic => statistic.Name == Wasserstein.Name).Value, 8, 20);
    }

    [Fact]
    public void Evaluate_ShiftOfDetectableSize_IsDetectedNineTimesOutOfTen()
    {
        // A single feature, so that it gets the whole significance.
        var options = new MonitoringOptions { Significance = 0.05, MinimumDistance = 0 };
        var random = new Random(3);
        double shift = 0;
        int seen = 0;
        const int Checks = 200;
        for (int check = 0; check < Checks; check++)
        {
            ReferenceProfile reference = ReferenceProfiler.Build([Sample(random, 4000, 0)[1]], []);
            shift = shift > 0
                ? shift
                : DriftEvaluator.Evaluate(
                    reference, null, CountsOf(reference, [Sample(random, 400, 0)[1]]), options)[0].Detectable!.Deviations!.Value;
            Tensor moved = Sample(random, 400, shift)[0];
            Tensor renamed = Tensor.OfBytes("normal", moved.Datatype, moved.Shape, moved.Data);
            seen += DriftEvaluator.Evaluate(reference, null, CountsOf(reference, [renamed]), options)[0].Drifted ? 1 : 0;
        }

        // 180 expected; the bounds allow six standard deviations and the tables' approximations.
        Assert.InRange(shift, 0.15, 0.25);
        Assert.InRange(seen, 155, 199);
    }

    [Fact]
    public void Evaluate_SummaryOfWideTensor_HasDistancesButNoVerdict()
    {
        ReferenceProfile reference = ReferenceProfiler.Build([Floats("x", [10, 300], new float[3000])], []);
        FeatureDrift feature = Evaluate(reference, [Floats("x", [10, 300], [.. Enumerable.Repeat(1f, 3000)])])[0];
        Assert.Equal(1, feature.Statistics.Single(statistic => statistic.Name == JensenShannon.Name).Value);
        Assert.Equal((false, 1.0), (feature.Drifted, feature.Quality.OutOfRange));
        Assert.NotNull(feature.NoVerdict);
    }

    internal static IReadOnlyList<FeatureDrift> Evaluate(ReferenceProfile reference, IReadOnlyList<Tensor> inputs) =>
        DriftEvaluator.Evaluate(reference, null, CountsOf(reference, inputs), Options);

    private static List<FeatureCounts> CountsOf(ReferenceProfile reference, IReadOnlyList<Tensor> inputs)
    {
        List<FeatureCounts> counts = [];
        foreach (ReferenceFeature feature in reference.Features)
        {
            FeatureCounts current = feature.EmptyCounts();
            Tensor input = inputs.Single(input => input.Name == feature.Feature.Tensor);
            if (feature.Feature.Groups > 0)
            {
                double[][] sums = new ElementGroups(feature.Feature.Width).SumsOf(input.Datatype, input.Data.Span, 0, (int)input.Shape[0]);
                new FeatureCounter(feature).Count(sums[feature.Feature.Column], current);
            }
            else
            {
                new FeatureCounter(feature).Count(input, current);
            }

            counts.Add(current);
        }

        return counts;
    }

    private static HourProfile Counted(ReferenceProfile reference, Tensor[] inputs) =>
        HourProfile.Of(reference.Digest, [.. CountsOf(reference, inputs)]);

    private static ReferenceProfile Profile(int[] counts) =>
        ReferenceProfiler.Build([Tensor.OfStrings("s", [counts.Sum()], Words(counts))], []);

    private static string[] Words(params int[] counts) => [.. counts.SelectMany((count, word) => Enumerable.Repeat($"w{word}", count))];

    /// <summary>A normal feature that moves, two that do not, heavy-tailed ones, and categories of 5 and 30 values.</summary>
    private static Tensor[] Sample(Random random, int rows, double shift)
    {
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        Tensor Column(string name, Func<double> value) => Numbers(
            name, Datatype.Fp64, [rows, 1], [.. Enumerable.Range(0, rows).Select(_ => value())]);
        Tensor Category(string name, int values) =>
            Numbers(name, Datatype.Int64, [rows, 1], [.. Enumerable.Range(0, rows).Select(_ => (long)random.Next(values))]);
        return
        [
            Column("moving", () => Normal() + shift),
            Column("normal", Normal),
            Column("uniform", random.NextDouble),
            Column("lognormal", () => Math.Exp(2 * Normal())),
            Column("cauchy", () => Math.Tan(Math.PI * (random.NextDouble() - 0.5))),
            Column("zeros", () => random.Next(3) > 0 ? 0 : Normal()),
            Category("five", 5),
            Category("thirty", 30),
        ];
    }
}
