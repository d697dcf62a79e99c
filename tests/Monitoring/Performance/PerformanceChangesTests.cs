using System.Globalization;
using Modeldrop.Monitoring.Performance;
using Modeldrop.Monitoring.Reports;
using Modeldrop.Names;
using Modeldrop.Pages;
using Modeldrop.Predictions.Feedback;
using Modeldrop.Tabular;

namespace Modeldrop.Tests.Monitoring.Performance;

/// <summary>Named changes since the validation, and their effect on the estimate.</summary>
public sealed class PerformanceChangesTests(AzuriteFixture azurite)
{
    private static readonly DateTimeOffset From = new(2001, 2, 8, 0, 0, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The labels of the first week refute the estimate; the second week has no labels.</summary>
    [Fact]
    public async Task Read_WeekWithoutLabelsAfterARefutation_StaysWithdrawn()
    {
        using PerformanceWorld world = await PerformanceWorld.StartAsync(azurite);
        Table[] hours = [.. (await PerformanceWorld.StreamAsync()).Where(hour => TimeOf(hour) < From.AddDays(14))];
        IReadOnlyList<FeedbackEntry> labels = await world.LogAsync(hours);
        await world.TellAsync([.. labels.Zip(hours).Where(pair => TimeOf(pair.Second) < From.AddDays(7)).Select(pair => pair.First)]);
        var both = new PerformanceQuery(1, From, From.AddDays(14), TimeSpan.FromDays(7));
        var second = new PerformanceQuery(1, From.AddDays(7), From.AddDays(14));

        PerformanceReport report = await world.Service.ReadAsync(PerformanceWorld.Flights, both, Token);

        WindowPerformance first = report.Windows[0];
        WindowChange target = first.Changes.Single(change => change.Kind == ChangeKind.TargetDrift);
        Assert.Equal(ChangeState.Changed, target.State);
        Assert.Equal(0.25, target.Shares![1].Now, 0.01);
        Assert.Equal(0.13, target.Shares[1].Before, 0.01);
        Assert.Equal(ChangeState.Changed, first.Changes.Single(change => change.Kind == ChangeKind.ConceptDrift).State);
        Assert.Equal(ChangeState.Unchanged, first.Changes.Single(change => change.Kind == ChangeKind.LabelShift).State);
        Assert.Equal(new EstimateVerdict(true, false, first.Labelled), first.Estimated!.Verdict);
        Assert.All(report.Windows[1].Changes.Where(change => change.Kind is ChangeKind.TargetDrift or ChangeKind.ConceptDrift),
            change => Assert.Equal(ChangeState.Unknown, change.State));
        Assert.Null(report.Windows[1].Estimated!.Verdict);
        Assert.EndsWith("refuted it, and no later window with enough labels agrees.", report.Windows[1].Estimated!.Withdrawn,
            StringComparison.Ordinal);

        // Without the first week, the second one uses the hourly check's finding about it.
        Assert.Null(Assert.Single((await world.Service.ReadAsync(PerformanceWorld.Flights, second, Token)).Windows).Estimated!.Withdrawn);
        DateTimeOffset before = TimeProvider.System.GetUtcNow();
        await new JudgedWindows(world.Kit.Registry.Account, world.Feedback).MarkAsync(new VersionName(PerformanceWorld.Flights, 1),
            new JudgedWindow(first.From, first.To, ["log_loss is worse."], first.Estimated.Verdict), Token);
        report = await world.Service.ReadAsync(PerformanceWorld.Flights, second, Token);
        Assert.Contains("refuted it", Assert.Single(report.Windows).Estimated!.Withdrawn, StringComparison.Ordinal);
        Assert.Null(Assert.Single((await world.Service.ReadAsync(
            PerformanceWorld.Flights, second with { AsOf = before.AddSeconds(-1) }, Token)).Windows).Estimated!.Withdrawn);
    }

    [Fact]
    public async Task Read_SlicesOfTwoInputs_HaveRateGapsAndAPage()
    {
        using PerformanceWorld world = await PerformanceWorld.StartAsync(azurite);
        Table[] hours = [.. (await PerformanceWorld.StreamAsync()).Take(100)];
        await world.TellAsync(await world.LogAsync(hours));

        PerformanceReport report = await world.Service.ReadAsync(
            PerformanceWorld.Flights, new PerformanceQuery(1, From, From.AddDays(7), Slice: ["dow", "origin"]), Token);

        SliceReport slice = Assert.Single(Assert.Single(report.Windows).Slices!);
        Assert.Equal(["dow", "origin"], slice.Inputs);
        Assert.All(slice.Groups, part => Assert.Equal(2, part.Values.Count));
        Assert.Equal(50, slice.Groups.Count);
        Assert.True(slice.More > 0);
        Assert.Equal("1", slice.Gaps!.Positive);
        Assert.InRange(slice.Gaps.FalsePositiveRate!.Gap, slice.Gaps.FalsePositiveRate.Low, slice.Gaps.FalsePositiveRate.High);
        string page = HtmlPage.Render<PerformancePage, PerformanceReport>(report);
        Assert.Contains("By dow and origin", page, StringComparison.Ordinal);
        Assert.Contains("ROC of &#39;1&#39;", page, StringComparison.Ordinal);
        VersionBaseline baseline = Assert.Single(report.Versions);
        Assert.Equal(0.55, baseline.Bounds["roc_auc"].Min);
        Assert.NotNull(baseline.Figures!.Confusion);
        Assert.Contains("at least 0.55", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, true, 500, false)]
    [InlineData(false, true, 499, true)]
    [InlineData(false, false, 5_000, true)]
    [InlineData(true, false, 100, true)]
    public void Trust_AfterARefutation_ReturnsWithHalfAsManyLabels(bool refuted, bool agrees, long rows, bool isWithdrawn)
    {
        var trust = new EstimateTrust();
        Assert.Null(trust.Reason());
        trust.Add(From, From.AddDays(1), new EstimateVerdict(true, false, 1_000));
        trust.Add(From.AddDays(1), From.AddDays(2), new EstimateVerdict(refuted, agrees, rows));

        Assert.Equal(isWithdrawn, trust.Reason() is not null);
    }

    private static DateTimeOffset TimeOf(Table hour) => DateTimeOffset.Parse(hour.FindColumn("ts")!.Values[0]!,
        CultureInfo.InvariantCulture);
}
