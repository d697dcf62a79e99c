using Modeldrop.Manifests;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Predictions;
using Modeldrop.Tensors;
using static Modeldrop.Tests.Predictions.LogWorld;

namespace Modeldrop.Tests.Monitoring.Drift;

/// <summary>Texts with very many values, and very wide rows: no column counts as stable only because it was not checked.</summary>
public sealed class BlindColumnTests(AzuriteFixture azurite)
{
    private static readonly DateTimeOffset Noon = new(2026, 5, 6, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Evaluate_TextOfThousandsOfValuesBecomesOneValue_IsDrift()
    {
        var random = new Random(1);
        ReferenceProfile reference = ReferenceProfiler.Build([Words(random, 10_000, 5_000)], []);

        FeatureDrift same = Assert.Single(DriftEvaluatorTests.Evaluate(reference, [Words(random, 2_000, 5_000)]));
        FeatureDrift lost = Assert.Single(DriftEvaluatorTests.Evaluate(reference, [Texts(Enumerable.Repeat("N/A", 2_000))]));

        Assert.False(same.Drifted);
        Assert.Empty(same.Issues);
        Assert.True(lost.Drifted);
        QualityIssue issue = Assert.Single(lost.Issues);
        Assert.Equal((QualityIssueKind.Unseen, 1), (issue.Kind, issue.Share));
        // Half of the rows contain a share of e^-1 fewer of the 5,000 values than all rows.
        Assert.InRange(issue.ReferenceShare, 0.3, 0.45);
    }

    [Fact]
    public void Evaluate_UniqueKeys_AreStableWhileTheyAreUnique()
    {
        // Keys have a verdict if the manifest requests one.
        var watched = new MonitoringPolicy { Features = new Dictionary<string, FeaturePolicy> { ["s"] = new(Watch: true) } };
        ReferenceProfile reference = ReferenceProfiler.Build([Keys(0, 4_000)], [], policy: watched);

        FeatureDrift same = Assert.Single(DriftEvaluatorTests.Evaluate(reference, [Keys(4_000, 1_000)]));
        FeatureDrift constant = Assert.Single(DriftEvaluatorTests.Evaluate(reference, [Texts(Enumerable.Repeat("unknown", 1_000))]));
        FeatureDrift known = Assert.Single(DriftEvaluatorTests.Evaluate(reference, [Keys(0, 4_000)]));

        Assert.False(same.Drifted);
        Assert.Empty(same.Issues);
        Assert.True(constant.Drifted);
        // Half of the old keys are known, and no new key is.
        Assert.Equal(QualityIssueKind.Unseen, Assert.Single(known.Issues).Kind);
    }

    /// <summary>Stated: an alarm in at most 1 % of the checks; 150 checks of both kinds of columns.</summary>
    [Fact]
    public void Evaluate_UnchangedTextOfManyValues_RarelyAlarms()
    {
        var random = new Random(2);
        int drifts = 0;
        int issues = 0;
        for (int check = 0; check < 150; check++)
        {
            ReferenceProfile reference = ReferenceProfiler.Build([Words(random, 2_000, 300), Zipf(random, 2_000)], []);
            IReadOnlyList<FeatureDrift> features = DriftEvaluatorTests.Evaluate(reference, [Words(random, 700, 300), Zipf(random, 700)]);
            drifts += features.Any(feature => feature.Drifted) ? 1 : 0;
            issues += features.Any(feature => feature.Issues.Count > 0) ? 1 : 0;
        }

        Assert.InRange(drifts, 0, 5);
        Assert.InRange(issues, 0, 5);
    }

    [Fact]
    public void Evaluate_MoreNewValues_AreAQualityIssue()
    {
        var random = new Random(3);
        ReferenceProfile reference = ReferenceProfiler.Build([Words(random, 10_000, 500)], []);
        string[] mixed = [.. Words(random, 1_800, 500).Strings!, .. Enumerable.Range(0, 200).Select(number => $"new{number}")];

        QualityIssue issue = Assert.Single(Assert.Single(DriftEvaluatorTests.Evaluate(reference, [Texts(mixed)])).Issues);

        Assert.Equal((QualityIssueKind.Unseen, 0.1), (issue.Kind, Math.Round(issue.Share, 2)));
        Assert.InRange(issue.ReferenceShare, 0, 0.001);
    }

    [Theory]
    [InlineData("all")]
    [InlineData("one")]
    [InlineData("wider")]
    public void Evaluate_EmbeddingThatMoves_IsDrift(string how)
    {
        var random = new Random(4);
        ReferenceProfile reference = ReferenceProfiler.Build([Embedding(random, 4_000, "")], []);

        IReadOnlyList<FeatureDrift> features = DriftEvaluatorTests.Evaluate(reference, [Embedding(random, 1_000, how)]);

        Assert.Equal(33, features.Count);
        Assert.Contains(features, feature => feature.Drifted);
        Assert.True(how != "one" || features.Count(feature => feature.Drifted) <= 2);
        // The summary of the row says where the tests are.
        Assert.Contains("'e~<group>' are tested", features[0].NoVerdict, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_UnchangedEmbedding_RarelyAlarms()
    {
        var random = new Random(5);
        int alarms = 0;
        for (int check = 0; check < 60; check++)
        {
            ReferenceProfile reference = ReferenceProfiler.Build([Embedding(random, 1_000, "")], []);
            alarms += DriftEvaluatorTests.Evaluate(reference, [Embedding(random, 300, "")]).Any(feature => feature.Drifted) ? 1 : 0;
        }

        // 0.6 expected; 4 or more have a probability of 0.3 %.
        Assert.InRange(alarms, 0, 3);
    }

    [Fact]
    public void ElementGroups_EveryElement_IsInOneGroup()
    {
        var groups = new ElementGroups(300);
        var seen = new int[ElementGroups.Count];
        for (int element = 0; element < 300; element++)
        {
            double[] unit = new double[300];
            unit[element] = 1;
            double[][] sums = groups.SumsOf(Datatype.Fp64, System.Runtime.InteropServices.MemoryMarshal.AsBytes<double>(unit), 0, 1);
            int group = Assert.Single(Enumerable.Range(0, ElementGroups.Count), index => sums[index][0] != 0);
            Assert.Equal(1, Math.Abs(sums[group][0]));
            seen[group]++;
        }

        Assert.All(seen, count => Assert.InRange(count, 1, 25));
    }

    [Fact]
    public async Task Fold_WideRowsAndTexts_CountsLikeTheReference()
    {
        var random = new Random(6);
        CancellationToken token = TestContext.Current.CancellationToken;
        var world = new MonitoringWorld(azurite);
        Tensor wide = Embedding(random, 60, "");
        ReferenceProfile reference = await world.SealAsync(1, wide);
        PredictionLog log = await world.Log.StartLogAsync();
        for (int row = 0; row < 60; row += 20)
        {
            log.Append(world.Request(log, 1, Noon, wide.RowsOf(row, 20)));
        }

        await log.StopAsync(token);
        await world.Runner.Fold.FoldAsync(world.Model, token);

        HourRow hour = Assert.Single(await world.HoursAsync(1));
        Assert.Equal(reference.Features.Select(feature => feature.Counts.Bins), hour.Profile.Features.Select(counts => counts.Bins));
        Assert.Equal(reference.Features.Select(feature => feature.Counts.Sum), hour.Profile.Features.Select(counts => counts.Sum));
    }

    private static Tensor Texts(IEnumerable<string> texts)
    {
        string[] all = [.. texts];
        return Tensor.OfStrings("s", [all.Length, 1], all);
    }

    private static Tensor Words(Random random, int rows, int values) =>
        Texts(Enumerable.Range(0, rows).Select(_ => $"word {random.Next(values)}"));

    private static Tensor Keys(int first, int rows) => Texts(Enumerable.Range(first, rows).Select(number => $"{number:x8}-key"));

    private static Tensor Zipf(Random random, int rows)
    {
        string[] texts = [.. Enumerable.Range(0, rows).Select(_ => $"z{(int)Math.Exp(random.NextDouble() * Math.Log(20_000))}")];
        return Tensor.OfStrings("zipf", [rows, 1], texts);
    }

    /// <summary>384 dimensions that are not independent.</summary>
    private static Tensor Embedding(Random random, int rows, string how)
    {
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        float[] values = new float[rows * 384];
        for (int row = 0; row < rows; row++)
        {
            double common = 0.5 * Normal();
            for (int element = 0; element < 384; element++)
            {
                double value = (common + Normal()) * (how == "wider" ? 1.3 : 1);
                values[(row * 384) + element] = (float)(value + (how == "all" ? 1 : how == "one" && element == 77 ? 5 : 0));
            }
        }

        return Floats("e", [rows, 384], values);
    }
}
