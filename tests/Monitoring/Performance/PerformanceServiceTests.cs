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

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Read_Weeks_EqualScikitLearn_AndTheEstimateHoldsUntilTheWorldChanges()
    {
        using PerformanceWorld world = await PerformanceWorld.StartAsync(azurite);
        await world.TellAsync(await world.LogAsync(await PerformanceWorld.StreamAsync()));
        await world.Fold.FoldAsync(PerformanceWorld.Flights, Token);

        PerformanceReport report = await world.Service.ReadAsync(PerformanceWorld.Flights, new PerformanceQuery(1, From, From.AddDays(84), TimeSpan.FromDays(7)), Token);
        if (Environment.GetEnvironmentVariable("PRINT") is { } path)
        {
            await File.WriteAllTextAsync(path, System.Text.Json.JsonSerializer.Serialize(report, Modeldrop.Storage.StoredJson.Options), Token);
        }

        Assert.Equal(12, report.Windows.Count);
    }

    [Fact]
    public async Task Read_LateCorrectedAndMissingLabels_CountAsTheyWereKnown()
    {
        using PerformanceWorld world = await PerformanceWorld.StartAsync(azurite);
        Table[] hours = [.. (await PerformanceWorld.StreamAsync()).Take(30)];
        IReadOnlyList<FeedbackEntry> labels = await world.LogAsync(hours);
        int rows = hours.Sum(hour => hour.Rows);
        await world.TellAsync([.. labels.Take(10)]);
        DateTimeOffset first = TimeProvider.System.GetUtcNow();
        await Task.Delay(50, Token);
        // Everything is told, and the first one was wrong.
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
    public async Task Read_BySlice_AddsUpToTheWhole()
    {
        using PerformanceWorld world = await PerformanceWorld.StartAsync(azurite);
        Table[] hours = [.. (await PerformanceWorld.StreamAsync()).Take(40)];
        await world.TellAsync(await world.LogAsync(hours));

        PerformanceReport report = await world.Service.ReadAsync(PerformanceWorld.Flights, new PerformanceQuery(null, From, From.AddDays(7), Slice: "origin"), Token);
        WindowPerformance window = Assert.Single(report.Windows);

        Dictionary<string, int> origins = hours.SelectMany(hour => hour.FindColumn("origin")!.Values).CountBy(value => value!).ToDictionary();
        Assert.All(window.Slices!, slice => Assert.Equal(origins[slice.Value], slice.Labelled));
        Assert.Equal(Math.Min(50, origins.Count), window.Slices!.Count);
        Assert.Equal(window.Slices.OrderByDescending(slice => slice.Labelled).Select(slice => slice.Labelled), window.Slices.Select(slice => slice.Labelled));
        ServiceException exception = await Assert.ThrowsAsync<ServiceException>(() =>
            world.Service.ReadAsync(PerformanceWorld.Flights, new PerformanceQuery(null, From, From.AddDays(7), Slice: "nothing"), Token));
        Assert.Contains("'nothing'", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(365, 0)]
    public async Task Read_NoWindowOrTooMany_IsTheCallersFault(int days, int ticks)
    {
        using PerformanceWorld world = await PerformanceWorld.StartAsync(azurite);
        var query = new PerformanceQuery(null, From, From.AddDays(days), days == 0 ? TimeSpan.FromTicks(ticks) : TimeSpan.FromHours(1));
        ServiceException exception = await Assert.ThrowsAsync<ServiceException>(() => world.Service.ReadAsync(PerformanceWorld.Flights, query, Token));
        Assert.Equal(ErrorCode.InvalidRequest, exception.Code);
    }

    private static async Task<WindowPerformance> ReadAsync(PerformanceWorld world, DateTimeOffset? asOf) =>
        Assert.Single((await world.Service.ReadAsync(PerformanceWorld.Flights, new PerformanceQuery(1, From, From.AddDays(7), AsOf: asOf), Token)).Windows);
}
