using Microsoft.Extensions.Time.Testing;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Predictions;
using static Modeldrop.Tests.Predictions.LogWorld;

namespace Modeldrop.Tests.Monitoring.Profiles;

/// <summary>Closing of hours, also with a clock that jumps.</summary>
public sealed partial class FoldServiceTests
{
    [Fact]
    public async Task FoldAsync_Hours_AreClosedOnlyWhenNoProcessCanWriteToThem()
    {
        var world = new MonitoringWorld(azurite);
        await world.SealAsync(1, Numbers100());
        var clock = new FakeTimeProvider(Noon.AddMinutes(30));
        PredictionLog log = await world.Log.StartLogAsync(null, clock);
        FoldService fold = world.RunnerOn(world.Log.Account, clock).Fold;
        ScoredRequest Next(float value) => world.Request(log, 1, Noon, Floats("x", [1, 1], value));
        ScoredRequest late = Next(1);
        log.Append(Next(2));
        await log.FlushAsync(Token);
        Assert.Equal(1, (await fold.FoldAsync(world.Model, Token)).Records);

        // The next hour has another partition. The late record of the first hour arrives after that hour was folded, just in time.
        clock.SetUtcNow(Noon.AddHours(1.9));
        log.Append(Next(3));
        await log.FlushAsync(Token);
        Assert.Equal(1, (await fold.FoldAsync(world.Model, Token)).Records);
        log.Append(late);
        await log.FlushAsync(Token);
        Assert.Equal(1, (await fold.FoldAsync(world.Model, Token)).Records);

        // Days later, the old partitions cost nothing.
        clock.SetUtcNow(Noon.AddDays(3));
        FoldResult moved = await fold.FoldAsync(world.Model, Token);
        FoldResult idle = await fold.FoldAsync(world.Model, Token);
        Assert.Equal((0, 0), (moved.Folds, idle.Folds));
        Assert.Equal(2, idle.Transactions);
        log.Append(Next(4));
        await log.StopAsync(Token);
        Assert.Equal(1, (await fold.FoldAsync(world.Model, Token)).Records);
        Assert.Equal(4, Assert.Single(await world.HoursAsync(1)).Profile.Records);
        Assert.Equal(0, log.Dropped);
    }

    /// <summary>Records logged before, during and after a clock error count once, whenever the fold runs.</summary>
    [Fact]
    public async Task FoldAsync_ClockADayAheadAndBack_CountsEveryRecordOnce()
    {
        var world = new MonitoringWorld(azurite);
        await world.SealAsync(1, Numbers100());
        var clock = new ShiftedClock(new FakeTimeProvider(Noon.AddMinutes(30)));
        PredictionLog log = await world.Log.StartLogAsync(null, clock);
        FoldService fold = world.RunnerOn(world.Log.Account, clock).Fold;
        async Task LogAndFoldAsync(int records)
        {
            for (int record = 0; record < records; record++)
            {
                log.Append(world.Request(log, 1, Noon, Floats("x", [1, 1], record)));
            }

            await log.FlushAsync(Token);
            Assert.Equal(records, (await fold.FoldAsync(world.Model, Token)).Records);
        }

        await LogAndFoldAsync(3);
        clock.Shift = TimeSpan.FromDays(1);
        await LogAndFoldAsync(5);
        await LogAndFoldAsync(0);
        clock.Shift = TimeSpan.Zero;
        await LogAndFoldAsync(7);
        clock.Inner.Advance(TimeSpan.FromHours(1));
        await LogAndFoldAsync(11);
        clock.Inner.Advance(TimeSpan.FromHours(23));
        await LogAndFoldAsync(13);
        clock.Inner.Advance(TimeSpan.FromDays(2));
        await LogAndFoldAsync(0);

        await log.StopAsync(Token);
        Assert.Equal(3 + 5 + 7 + 11 + 13, Assert.Single(await world.HoursAsync(1)).Profile.Records);
    }
}
