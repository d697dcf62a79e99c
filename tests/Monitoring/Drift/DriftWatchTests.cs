using Microsoft.Extensions.Time.Testing;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Predictions;
using Modeldrop.Registry;
using Modeldrop.Tensors;
using static Modeldrop.Tests.Predictions.LogWorld;

namespace Modeldrop.Tests.Monitoring.Drift;

/// <summary>Hourly looks at traffic by the hour: each hour counts once, an alarm needs evidence and size, a season is no drift.</summary>
public sealed class DriftWatchTests(AzuriteFixture azurite)
{
    // A Monday.
    private static readonly DateTimeOffset Start = new(2026, 1, 5, 0, 0, 0, TimeSpan.Zero);

    private readonly Random _random = new(7);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Watch_HourlyLooks_AlarmAfterTheShiftAndNotBefore_AndEndWithIt()
    {
        var world = new MonitoringWorld(azurite);
        var clock = new FakeTimeProvider(Start);
        MonitoringRunner runner = world.RunnerOn(world.Log.Account, clock);
        await world.SealAsync(1, Sample(5000, 0));
        List<DriftReport> reports = [];
        for (int hour = 0; hour < 60; hour++)
        {
            // One σ from hour 30 to hour 40.
            await LogAsync(world, Start.AddHours(hour), hour is >= 30 and < 40 ? 1 : 0);
            clock.SetUtcNow(Start.AddHours(hour + 1).AddMinutes(15));
            await runner.Fold.FoldAsync(world.Model, Token);
            reports.Add(await LookAsync(world, runner, clock));
        }

        Assert.All(reports[..30], report => Assert.False(report.Alarm));
        int first = reports.FindIndex(report => report.Alarm);
        Assert.InRange(first, 30, 33);
        WatchedFeature feature = Assert.Single(reports[first].Watch!.Features);
        Assert.InRange(feature.Alarmed!.Value, Start.AddHours(30), Start.AddHours(first));
        Assert.True(feature.LogEvidence >= reports[first].Watch!.NeededLogEvidence);
        Assert.Equal((Start, Start.AddHours(first + 1)), (reports[first].Watch!.Since, reports[first].Watch!.Through));
        Assert.Equal((first + 1) * 100, reports[first].Watch!.Rows);

        // The window of six hours forgets the shift; then the watch begins anew and finds nothing.
        Assert.All(reports[47..], report => Assert.False(report.Alarm));
        Assert.True(reports[^1].Watch!.Since > Start.AddHours(40));
        Assert.False(reports[^1].Watch!.HasAlarm);
    }

    [Fact]
    public async Task Watch_SeveralAtOnceAndAgain_CountEachHourOnce()
    {
        var world = new MonitoringWorld(azurite);
        var clock = new FakeTimeProvider(Start.AddHours(10));
        MonitoringRunner runner = world.RunnerOn(world.Log.Account, clock);
        await world.SealAsync(1, Sample(1000, 0));
        for (int hour = 0; hour < 10; hour++)
        {
            await LogAsync(world, Start.AddHours(hour), 0);
        }

        await runner.Fold.FoldAsync(world.Model, Token);
        DriftReport[] together = await Task.WhenAll(LookAsync(world, runner, clock), LookAsync(world, runner, clock));
        DriftReport again = await LookAsync(world, runner, clock);

        Assert.All([.. together, again], report => Assert.Equal(1000, report.Watch!.Rows));
        // One read of the hours, one of the watch's row.
        Assert.Equal(2, again.Transactions);
    }

    /// <summary>The hours that a clock which was ahead has passed over are looked at when they come.</summary>
    [Fact]
    public async Task Watch_ClockADayAheadAndBack_SeesTheHoursInBetween()
    {
        var world = new MonitoringWorld(azurite);
        var clock = new ShiftedClock(new FakeTimeProvider(Start.AddHours(2)));
        MonitoringRunner runner = world.RunnerOn(world.Log.Account, clock);
        await world.SealAsync(1, Sample(5000, 0));
        await LogAsync(world, Start.AddHours(1), 0);
        await runner.Fold.FoldAsync(world.Model, Token);
        clock.Shift = TimeSpan.FromDays(1);
        Assert.Equal(Start.AddHours(26), (await LookAsync(world, runner, clock)).Watch!.Through);

        clock.Shift = TimeSpan.Zero;
        for (int hour = 2; hour < 12; hour++)
        {
            await LogAsync(world, Start.AddHours(hour), 1);
        }

        clock.Inner.Advance(TimeSpan.FromHours(1));
        await runner.Fold.FoldAsync(world.Model, Token);
        await LookAsync(world, runner, clock);
        clock.Inner.Advance(TimeSpan.FromHours(9));
        DriftReport report = await LookAsync(world, runner, clock);

        Assert.Equal(Start.AddHours(12), report.Watch!.Through);
        Assert.True(report.Alarm);
    }

    [Fact]
    public async Task Baseline_OfTheSeason_HoldsWeekendAgainstWeekend()
    {
        var world = new MonitoringWorld(azurite);
        await world.SealAsync(1, Sample(2000, 0));
        for (int day = 0; day < 21; day++)
        {
            // Weekends are another world, every week the same.
            await LogAsync(world, Start.AddDays(day).AddHours(12), day % 7 >= 5 ? 2 : 0, rows: 300);
        }

        await world.Runner.Fold.FoldAsync(world.Model, Token);
        DateTimeOffset saturday = Start.AddDays(19);
        DriftReport reference = await world.Runner.Drift.CompareAsync(world.Model, 1, saturday, saturday.AddDays(2), DriftBaseline.Reference, Token);
        DriftReport season = await world.Runner.Drift.CompareAsync(world.Model, 1, saturday, saturday.AddDays(2), DriftBaseline.Parse("season:2"), Token);
        DriftReport pinned = await world.Runner.Drift.CompareAsync(world.Model, 1, saturday, saturday.AddDays(2), DriftBaseline.Parse("2026-01-05T00:00:00Z/2026-01-10T00:00:00Z"), Token);

        Assert.Equal((true, false, true), (reference.Drifted, season.Drifted, pinned.Drifted));
        Assert.Equal((2000, 1200, 1500), (reference.Features[0].ReferenceCount, season.Features[0].ReferenceCount, pinned.Features[0].ReferenceCount));
        Assert.Equal(("reference", "season:2", "2026-01-05T00:00:00Z/2026-01-10T00:00:00Z"), (reference.Baseline, season.Baseline, pinned.Baseline));
        Assert.Equal(saturday.AddHours(12), reference.Features[0].FirstHour);
        Assert.Null(season.Features[0].FirstHour);
    }

    private static Task<DriftReport> LookAsync(MonitoringWorld world, MonitoringRunner runner, TimeProvider clock) =>
        runner.Drift.WatchAsync(world.Model, 1, clock.GetUtcNow().AddHours(-6), clock.GetUtcNow(), Start, DriftBaseline.Reference, Token);

    private async Task LogAsync(MonitoringWorld world, DateTimeOffset hour, double shift, int rows = 100)
    {
        PredictionLog log = await world.Log.StartLogAsync();
        Assert.True(log.Append(world.Request(log, 1, hour.AddMinutes(30), Sample(rows, shift))));
        await log.StopAsync(Token);
    }

    private Tensor Sample(int rows, double shift) =>
        Numbers("x", Datatype.Fp64, [rows, 1], [.. Enumerable.Range(0, rows).Select(_ => shift + (Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble())))]);
}
