using Modeldrop.Errors;
using Modeldrop.Metrics;
using Modeldrop.Monitoring.Performance;
using Modeldrop.Predictions.Feedback;
using Modeldrop.Tabular;

namespace Modeldrop.Tests.Monitoring.Performance;

/// <summary>Realised and estimated performance of a real model over twelve weeks of flights, by their event times.</summary>
public sealed class PerformanceServiceTests(AzuriteFixture azurite)
{
    private static readonly DateTimeOffset From = new(2001, 2, 8, 0, 0, 0, TimeSpan.Zero);

    /// <summary>
    /// Rows, log loss and ROC AUC of each week by scikit-learn 1.2.1 from the same scores; accuracy and ROC AUC expected from an
    /// IsotonicRegression on the validation data.
    /// </summary>
    private static readonly (int Rows, double LogLoss, double Area, double EstimatedAccuracy, double EstimatedArea)[] ByScikitLearn =
    [
        (5072, 0.5528439572020247, 0.6210529740217948, 0.8699074718163187, 0.6087189000782388),
        (5115, 0.5274369534038299, 0.6180724256571349, 0.868119812109047, 0.6087160898602404),
        (5001, 0.6370669708876879, 0.6530952210163731, 0.8689767483389149, 0.6107316167297514),
        (4950, 0.5027443435295493, 0.6306431585584712, 0.8711281313371992, 0.608261140812516),
        (5116, 0.5029047764995928, 0.6579795858308662, 0.8686157980603577, 0.6095637255020414),
        (5118, 0.5229654955786607, 0.6288366671882841, 0.8702622914056526, 0.60978586623352),
        (5227, 0.4437392594556704, 0.6216986607142857, 0.8692536087884967, 0.6092137818916561),
        (5164, 0.4685710675000063, 0.6149354684678514, 0.8698613300427896, 0.6088005972723913),
        (5081, 0.5629890771635199, 0.6615323765732029, 0.868803365574634, 0.6102089589986562),
        (5154, 0.4721297539438356, 0.5960414508497355, 0.8687942272935167, 0.6067334704797408),
        (5379, 0.43451758263859497, 0.6181519394857151, 0.8703294273539716, 0.6079352753796298),
        (3623, 0.3657115447583769, 0.6122080367843079, 0.8693362952746506, 0.6075000084159788),
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Read_Weeks_EqualScikitLearn_AndTheEstimateHoldsUntilTheDataChange()
    {
        using PerformanceWorld world = await PerformanceWorld.StartAsync(azurite);
        await world.TellAsync(await world.LogAsync(await PerformanceWorld.StreamAsync()));
        await world.Fold.FoldAsync(PerformanceWorld.Flights, Token);

        PerformanceReport report = await world.Service.ReadAsync(
            PerformanceWorld.Flights, new PerformanceQuery(1, From, From.AddDays(84), TimeSpan.FromDays(7)), Token);
        Assert.Equal(ByScikitLearn.Length, report.Windows.Count);
        foreach ((
                WindowPerformance window,
                (int rows, double logLoss, double area, double accuracy, double estimatedArea)) in report.Windows.Zip(ByScikitLearn))
        {
            Assert.Equal((rows, rows), (window.Rows, window.Labelled));
            Assert.Equal(logLoss, window.Metrics[MetricNames.LogLoss].Value, 1e-6);
            Assert.Equal(area, window.Metrics[MetricNames.RocAuc].Value, 1e-9);
            Assert.InRange(
                window.Metrics[MetricNames.RocAuc].Value, window.Metrics[MetricNames.RocAuc].Low!.Value,
                window.Metrics[MetricNames.RocAuc].High!.Value);
            Assert.Equal(accuracy, window.Estimated!.Metrics[MetricNames.Accuracy].Value, 1e-9);
            Assert.Equal(estimatedArea, window.Estimated.Metrics[MetricNames.RocAuc].Value, 1e-9);
        }

        // Flights were late more often in every week of that winter than in the validation data, and less often in the last one: the
        // estimate misses this, and its guard detects it.
        Assert.Contains("10.4 % of the rows are '1'; 13", report.Windows[^1].Estimated!.Withdrawn, StringComparison.Ordinal);
        Assert.All(report.Windows, window =>
            Assert.StartsWith("The outcomes for similar answers have changed: ", window.Estimated!.Withdrawn, StringComparison.Ordinal));
        // One query of the log and one of its hour's labels (in pages), the version, and for each week its calibration and the hours of its
        // inputs.
        Assert.InRange(report.Transactions, 12, 80);
    }

    [Fact]
    public async Task Read_LateCorrectedAndMissingLabels_AreAsKnownAtTheTime()
    {
        using PerformanceWorld world = await PerformanceWorld.StartAsync(azurite);
        Table[] hours = [.. (await PerformanceWorld.StreamAsync()).Take(30)];
        IReadOnlyList<FeedbackEntry> labels = await world.LogAsync(hours);
        int rows = hours.Sum(hour => hour.Rows);
        await world.TellAsync([.. labels.Take(10)]);
        DateTimeOffset first = TimeProvider.System.GetUtcNow();
        await Task.Delay(50, Token);
        // All labels are known, and the first one was wrong.
        FeedbackEntry corrected = labels[0] with { Labels = [.. labels[0].Labels.Select(label => label == "1" ? "0" : "1")] };
        await world.TellAsync([corrected, .. labels.Skip(1)]);

        WindowPerformance before = await ReadAsync(world, first);
        WindowPerformance after = await ReadAsync(world, null);
        WindowPerformance none = await ReadAsync(world, first.AddDays(-1));

        Assert.Equal((rows, hours.Take(10).Sum(hour => hour.Rows)), (before.Rows, before.Labelled));
        Assert.Equal((rows, rows), (after.Rows, after.Labelled));
        Assert.Equal((rows, 0), (none.Rows, none.Labelled));
        Assert.Empty(none.Metrics);
        Assert.NotNull(none.Estimated);
        await world.TellAsync([labels[0]]);
        Assert.NotEqual(after.Metrics[MetricNames.LogLoss].Value, (await ReadAsync(world, null)).Metrics[MetricNames.LogLoss].Value);
    }

    [Fact]
    public async Task Read_WrongNumberOfLabels_IsNotedAndTheRequestStaysInTheWindow()
    {
        using PerformanceWorld world = await PerformanceWorld.StartAsync(azurite);
        Table[] hours = [.. (await PerformanceWorld.StreamAsync()).Take(30)];
        IReadOnlyList<FeedbackEntry> labels = await world.LogAsync(hours);
        await world.TellAsync(
        [
            labels[0] with { Labels = ["1", .. labels[0].Labels] },
            labels[1] with { Labels = ["nan", .. labels[1].Labels.Skip(1)] },
            labels[2] with { Labels = ["soon", .. labels[2].Labels.Skip(1)] },
            labels[3] with { Labels = [.. labels[3].Labels.Take(2)], IsWhole = false },
            .. labels.Skip(4),
        ]);

        WindowPerformance window = await ReadAsync(world, null);

        int rows = hours.Sum(hour => hour.Rows);
        Assert.Equal((rows, rows - hours[0].Rows - 2 - (hours[3].Rows - 2)), (window.Rows, window.Labelled));
        Assert.Contains("1 requests have labels for a different number of rows; their rows count as unlabelled.",
            window.Notes);
        Assert.Contains("1 rows have a label that is not a whole number ('soon'); they are left out.", window.Notes);
        Assert.True(window.Metrics.ContainsKey(MetricNames.LogLoss));
    }

    [Fact]
    public async Task Read_BySlice_AddsUpToTheTotal()
    {
        using PerformanceWorld world = await PerformanceWorld.StartAsync(azurite);
        Table[] hours = [.. (await PerformanceWorld.StreamAsync()).Take(40)];
        await world.TellAsync(await world.LogAsync(hours));

        PerformanceReport report = await world.Service.ReadAsync(PerformanceWorld.Flights,
            new PerformanceQuery(null, From, From.AddDays(7), Slice: ["origin"]), Token);
        WindowPerformance window = Assert.Single(report.Windows);

        Dictionary<string, int> origins = hours.SelectMany(hour => hour.FindColumn("origin")!.Values).CountBy(value => value!)
            .ToDictionary();
        SliceReport slices = Assert.Single(window.Slices!);
        Assert.All(slices.Groups, slice => Assert.Equal(origins[slice.Values[0]], slice.Labelled));
        Assert.Equal((Math.Min(50, origins.Count), Math.Max(0, origins.Count - 50)), (slices.Groups.Count, slices.More));
        Assert.Equal(slices.Groups.OrderByDescending(slice => slice.Labelled).Select(slice => slice.Labelled),
            slices.Groups.Select(slice => slice.Labelled));
        ServiceException exception = await Assert.ThrowsAsync<ServiceException>(() =>
            world.Service.ReadAsync(PerformanceWorld.Flights, new PerformanceQuery(null, From, From.AddDays(7), Slice: ["nothing"]),
                Token));
        Assert.Contains("'nothing'", exception.Message, StringComparison.Ordinal);
    }

    /// <summary>
    /// A month of a busy model does not fit into memory: all rows are counted, and a random part, the same each time, is measured.
    /// </summary>
    [Fact]
    public async Task Read_MoreRowsThanFit_AreCountedAndSampled()
    {
        using PerformanceWorld world = await PerformanceWorld.StartAsync(azurite);
        Table[] hours = [.. (await PerformanceWorld.StreamAsync()).Take(100)];
        await world.TellAsync(await world.LogAsync(hours));
        int rows = hours.Sum(hour => hour.Rows);
        WindowPerformance whole = await ReadAsync(world, null);
        Assert.Equal((rows, rows), (whole.Rows, whole.Labelled));
        int limit = rows * 2 / 3;
        var query = new PerformanceQuery(1, From, From.AddDays(7));
        PerformanceService bounded = world.ServiceFor(limit);

        WindowPerformance drawn = Assert.Single((await bounded.ReadAsync(PerformanceWorld.Flights, query, Token)).Windows);
        WindowPerformance again = Assert.Single((await bounded.ReadAsync(PerformanceWorld.Flights, query, Token)).Windows);

        Assert.Equal((rows, rows), (drawn.Rows, drawn.Labelled));
        int kept = drawn.Estimated!.Rows;
        Assert.InRange(kept, limit / 2, limit);
        Assert.Contains($"The metrics cover {kept:N0} of {rows:N0} rows, drawn at random: {limit:N0} fit into memory.", drawn.Notes);
        MetricValue exact = whole.Metrics[MetricNames.Accuracy];
        double width = exact.High!.Value - exact.Low!.Value;
        Assert.InRange(drawn.Metrics[MetricNames.Accuracy].Value, exact.Value - width, exact.Value + width);
        Assert.Equal(drawn.Metrics.Select(metric => (metric.Key, metric.Value.Value)),
            again.Metrics.Select(metric => (metric.Key, metric.Value.Value)));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(365, 0)]
    public async Task Read_NoWindowOrTooMany_IsTheCallersError(int days, int ticks)
    {
        using PerformanceWorld world = await PerformanceWorld.StartAsync(azurite);
        var query = new PerformanceQuery(null, From, From.AddDays(days), days == 0 ? TimeSpan.FromTicks(ticks) : TimeSpan.FromHours(1));
        ServiceException exception = await Assert.ThrowsAsync<ServiceException>(
            () => world.Service.ReadAsync(PerformanceWorld.Flights, query, Token));
        Assert.Equal(ErrorCode.InvalidRequest, exception.Code);
    }

    private static async Task<WindowPerformance> ReadAsync(PerformanceWorld world, DateTimeOffset? asOf) =>
        Assert.Single((await world.Service.ReadAsync(
            PerformanceWorld.Flights, new PerformanceQuery(1, From, From.AddDays(7), AsOf: asOf), Token)).Windows);
}
