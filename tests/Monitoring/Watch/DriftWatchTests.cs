using Microsoft.Extensions.Time.Testing;
using Modeldrop.Manifests;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Watch;
using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Tensors;
using static Modeldrop.Tests.Predictions.LogWorld;

namespace Modeldrop.Tests.Monitoring.Watch;

/// <summary>Hourly checks of hourly traffic: each hour counts once, an alarm needs evidence and size, and a season is not drift.</summary>
public sealed class DriftWatchTests(AzuriteFixture azurite)
{
    // A Monday.
    private static readonly DateTimeOffset Start = new(2026, 1, 5, 0, 0, 0, TimeSpan.Zero);

    private readonly Random _random = new(7);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Watch_ShiftAfterAWeek_RaisesAnAlarm_WhichEndsAfterADayWithoutDrift()
    {
        const int Week = 168;
        var world = new MonitoringWorld(azurite);
        var clock = new FakeTimeProvider(Start);
        MonitoringRunner runner = world.RunnerOn(world.Log.Account, clock);
        await world.SealAsync(1, Sample(5000, 0));
        await LogAsync(world, Start, Week, _ => 0);
        List<DriftReport> reports = [];
        for (int hour = Week; hour < Week + 44; hour++)
        {
            // One σ for ten hours, starting with the third hour of the second week.
            await LogAsync(world, Start.AddHours(hour), 1, _ => hour is >= Week + 2 and < Week + 12 ? 1 : 0);
            clock.SetUtcNow(Start.AddHours(hour + 1).AddMinutes(15));
            await runner.Fold.FoldAsync(world.Model, Token);
            reports.Add(await LookAsync(world, runner, clock));
        }

        Assert.All(reports[..2], report => Assert.False(report.Alarm));
        int first = reports.FindIndex(report => report.Alarm);
        Assert.InRange(first, 2, 5);
        WatchedFeature feature = Assert.Single(reports[first].Watch!.Features);
        Assert.Equal(Start.AddHours(Week + first), feature.Alarmed);
        Assert.InRange(feature.Since!.Value, Start.AddHours(Week), Start.AddHours(Week + first));
        Assert.True(feature.LogEvidence >= reports[first].Watch!.NeededLogEvidence);
        Assert.Equal((Start.AddHours(Week), Start.AddHours(Week + first + 1)),
            (reports[first].Watch!.Since, reports[first].Watch!.Through));
        Assert.Equal((first + 1) * 100, reports[first].Watch!.Rows);

        // The alarm holds while the last day still differs, and ends after a whole day without a difference.
        int over = reports.FindIndex(first, report => !report.Alarm);
        Assert.InRange(over, 24, 36);
        Assert.All(reports[first..over], report => Assert.True(report.Alarm));
        Assert.All(reports[over..], report => Assert.False(report.Alarm));
        Assert.True(reports[^1].Watch!.Since > Start.AddHours(Week + 12));
    }

    /// <summary>
    /// A deployment in the early morning, with a daily pattern of traffic: no alarm in the morning or on the second Saturday. A dead feed
    /// raises an alarm on its first day.
    /// </summary>
    [Fact]
    public async Task Watch_NightsAndWeekends_AreNotDrift_AndADeadFeedIs()
    {
        var world = new MonitoringWorld(azurite);
        var clock = new FakeTimeProvider(Start);
        MonitoringRunner runner = world.RunnerOn(world.Log.Account, clock);
        double Season(int hour) => Math.Sin(hour * Math.PI / 12) - (hour % 168 >= 120 ? 1 : 0);
        await world.SealAsync(1, Numbers("x", Datatype.Fp64, [8400, 1],
            [.. Enumerable.Range(0, 8400).Select(row => Season(row % 168) + Gauss())]));
        await LogAsync(world, Start, 14 * 24, Season, rows: 50);
        await runner.Fold.FoldAsync(world.Model, Token);
        for (int hour = 1; hour <= 14 * 24; hour += 5)
        {
            clock.SetUtcNow(Start.AddHours(hour).AddMinutes(15));
            Assert.False((await LookAsync(world, runner, clock)).Alarm, $"hour {hour}");
        }

        await LogAsync(world, Start.AddDays(14), 12, _ => -8, rows: 50);
        clock.SetUtcNow(Start.AddDays(14).AddHours(12).AddMinutes(15));
        await runner.Fold.FoldAsync(world.Model, Token);
        Assert.True((await LookAsync(world, runner, clock)).Alarm);
    }

    [Fact]
    public async Task Watch_FirstWeek_StatesWhatItWaitsFor()
    {
        var world = new MonitoringWorld(azurite);
        var clock = new FakeTimeProvider(Start.AddHours(10));
        MonitoringRunner runner = world.RunnerOn(world.Log.Account, clock);
        await world.SealAsync(1, Sample(5000, 0));
        await LogAsync(world, Start, 10, _ => 1, rows: 98);
        await runner.Fold.FoldAsync(world.Model, Token);

        DriftReport report =
            await runner.Drift.WatchAsync(new VersionName(world.Model, 1), Start, clock.GetUtcNow(), Start, DriftBaseline.Parse("season"),
            Token);

        Assert.Equal((false, false, 980L), (report.Alarm, report.Watch!.IsSeasonKnown, report.Watch.Rows));
        Assert.Equal(Start.AddDays(7), report.Watch.SeasonKnownFrom);
        Assert.Contains("980 rows in the window; the same hours of the 4 weeks before have 0, and a verdict needs 100 of both",
            report.Summary, StringComparison.Ordinal);
        Assert.Contains("first week", report.Watch.Waiting, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_SeveralAtOnceAndRepeated_CountEachHourOnce()
    {
        var world = new MonitoringWorld(azurite);
        var clock = new FakeTimeProvider(Start.AddHours(10));
        MonitoringRunner runner = world.RunnerOn(world.Log.Account, clock);
        await world.SealAsync(1, Sample(1000, 0));
        await LogAsync(world, Start, 10, _ => 0);

        await runner.Fold.FoldAsync(world.Model, Token);
        DriftReport[] together = await Task.WhenAll(LookAsync(world, runner, clock), LookAsync(world, runner, clock));
        DriftReport again = await LookAsync(world, runner, clock);

        Assert.All([.. together, again], report => Assert.Equal(1000, report.Watch!.Rows));
        // One read of the hours, one of the watch's row.
        Assert.Equal(2, again.Transactions);
    }

    /// <summary>Hours that were skipped by a clock that ran ahead are checked when they come.</summary>
    [Fact]
    public async Task Watch_ClockADayAheadAndBack_EvaluatesTheHoursInBetween()
    {
        var world = new MonitoringWorld(azurite);
        var clock = new ShiftedClock(new FakeTimeProvider(Start.AddHours(2)));
        MonitoringRunner runner = world.RunnerOn(world.Log.Account, clock);
        await world.SealAsync(1, Sample(5000, 0));
        await LogAsync(world, Start.AddHours(1), 1, _ => 0);
        await runner.Fold.FoldAsync(world.Model, Token);
        clock.Shift = TimeSpan.FromDays(1);
        Assert.Equal(Start.AddHours(26), (await LookAsync(world, runner, clock)).Watch!.Through);

        clock.Shift = TimeSpan.Zero;
        await LogAsync(world, Start.AddHours(2), 10, _ => 100);

        clock.Inner.Advance(TimeSpan.FromHours(1));
        await runner.Fold.FoldAsync(world.Model, Token);
        await LookAsync(world, runner, clock);
        clock.Inner.Advance(TimeSpan.FromHours(9));
        DriftReport report = await LookAsync(world, runner, clock);

        Assert.Equal(Start.AddHours(12), report.Watch!.Through);
        Assert.True(report.Alarm);
    }

    [Fact]
    public async Task Baseline_OfTheSeason_ComparesWeekendWithWeekend()
    {
        var world = new MonitoringWorld(azurite);
        await world.SealAsync(1, Sample(2000, 0));
        for (int day = 0; day < 21; day++)
        {
            // Weekends differ strongly, in the same way every week.
            await LogAsync(world, Start.AddDays(day).AddHours(12), 1, _ => day % 7 >= 5 ? 2 : 0, rows: 300);
        }

        await world.Runner.Fold.FoldAsync(world.Model, Token);
        DateTimeOffset saturday = Start.AddDays(19);
        DriftReport reference = await world.Runner.Drift.CompareAsync(
            new VersionName(world.Model, 1), saturday, saturday.AddDays(2), DriftBaseline.Reference, Token);
        DriftReport season = await world.Runner.Drift.CompareAsync(
            new VersionName(world.Model, 1), saturday, saturday.AddDays(2), DriftBaseline.Parse("season:2"), Token);
        DriftReport pinned = await world.Runner.Drift.CompareAsync(
            new VersionName(world.Model, 1), saturday, saturday.AddDays(2), DriftBaseline
                .Parse("2026-01-05T00:00:00Z/2026-01-10T00:00:00Z"), Token);

        Assert.Equal((true, false, true), (reference.Drifted, season.Drifted, pinned.Drifted));
        Assert.Equal(
            (2000, 1200, 1500),
            (reference.Features[0].ReferenceCount, season.Features[0].ReferenceCount, pinned.Features[0].ReferenceCount));
        Assert.Equal(
            ("reference", "season:2", "2026-01-05T00:00:00Z/2026-01-10T00:00:00Z"), (reference.Baseline, season.Baseline, pinned.Baseline));
        Assert.Equal(saturday.AddHours(12), reference.Features[0].FirstHour);
        Assert.Null(season.Features[0].FirstHour);
    }

    private static Task<DriftReport> LookAsync(MonitoringWorld world, MonitoringRunner runner, TimeProvider clock) =>
        runner.Drift.WatchAsync(
            new VersionName(world.Model, 1), clock.GetUtcNow().AddHours(-6), clock.GetUtcNow(), Start, DriftBaseline.Reference, Token);

    /// <summary>Requests of one row.</summary>
    private async Task LogAsync(MonitoringWorld world, DateTimeOffset from, int hours, Func<int, double> shift, int rows = 100)
    {
        PredictionLog log = await world.Log.StartLogAsync();
        for (int hour = 0; hour < hours; hour++)
        {
            for (int row = 0; row < rows; row++)
            {
                while (!log.Append(world.Request(log, 1, from.AddHours(hour).AddMinutes(30), Sample(1, shift(hour)))))
                {
                    await log.FlushAsync(Token);
                }
            }
        }

        await log.StopAsync(Token);
    }

    private Tensor Sample(int rows, double shift) =>
        Numbers("x", Datatype.Fp64, [rows, 1], [.. Enumerable.Range(0, rows).Select(_ => shift + Gauss())]);

    private double Gauss() => Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());
}
