using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Predictions;
using Modeldrop.Registry;
using Modeldrop.Tensors;
using static Modeldrop.Tests.Predictions.LogWorld;

namespace Modeldrop.Tests.Monitoring.Profiles;

/// <summary>A version that came without reference data is held against its own first rows.</summary>
public sealed class LoggedReferenceTests(AzuriteFixture azurite)
{
    private static readonly DateTimeOffset Start = new(2026, 1, 5, 0, 0, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Seal_FirstRows_BecomeTheReferenceOnce_AndReportsSaySo()
    {
        var world = new MonitoringWorld(azurite);
        world.Options.ReferenceRows = 1000;
        await world.RegisterAsync(1);
        var random = new Random(3);
        await LogAsync(world, Start, random, 900, 0);
        Assert.False(await SealAsync(world));
        await world.Runner.Fold.FoldAsync(world.Model, Token);
        DriftReport before = await world.Runner.Drift.CompareAsync(world.Model, 1, Start, Start.AddDays(1), DriftBaseline.Reference, Token);
        Assert.Equal((DriftStatus.NoReference, 900), (before.Status, before.Rows));
        Assert.Contains("its first 1000 logged rows will be its reference", before.Summary, StringComparison.Ordinal);

        await LogAsync(world, Start.AddHours(1), random, 100, 0);
        await Task.WhenAll(SealAsync(world), SealAsync(world));
        ReferenceProfile profile = (await world.Runner.References.FindAsync(world.Model, 1, Token))!;
        Assert.Equal((1000, Start, Start.AddHours(1)), (profile.Rows, profile.LoggedFrom, profile.LoggedTo));
        await LogAsync(world, Start.AddHours(2), random, 500, 0);
        await LogAsync(world, Start.AddHours(30), random, 500, 1);
        Assert.True(await SealAsync(world));
        await world.Runner.Fold.FoldAsync(world.Model, Token);

        DriftReport same = await world.Runner.Drift.CompareAsync(world.Model, 1, Start, Start.AddHours(24), DriftBaseline.Reference, Token);
        DriftReport moved = await world.Runner.Drift.CompareAsync(world.Model, 1, Start.AddHours(24), Start.AddHours(48), DriftBaseline.Reference, Token);
        // What was folded before there were bins has none; the hundred rows that were not are counted.
        Assert.Equal((false, 600, 900), (same.Drifted, same.Rows, same.OtherRows));
        Assert.Equal((true, 500, Start), (moved.Drifted, moved.Rows, moved.ReferenceLoggedFrom));
        Assert.Equal(profile.Digest, (await world.Runner.References.FindAsync(world.Model, 1, Token))!.Digest);

        WindowProfile window = await WindowProfile.ReadAsync(world.Runner.Profiles, world.Model, 1, profile, Start.AddHours(24), Start.AddHours(48), Token);
        Assert.Equal((500, 500, 0), (window.Rows, window.Features[0].Counts.Total(), window.OtherRows));
        Assert.Equal(1, window.Features[0].Mean!.Value, 0.2);
    }

    private static Task<bool> SealAsync(MonitoringWorld world) => new LoggedReference(
        new PredictionStore(world.Log.Account), new VersionStore(world.Log.Account), new ReferenceProfiles(new VersionStore(world.Log.Account)), Options.Create(world.Options), TimeProvider.System,
        NullLogger<LoggedReference>.Instance).TrySealAsync(world.Model, 1, Token);

    private static async Task LogAsync(MonitoringWorld world, DateTimeOffset at, Random random, int rows, double shift)
    {
        PredictionLog log = await world.Log.StartLogAsync();
        double[] values = [.. Enumerable.Range(0, rows).Select(_ => shift + (Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
        Assert.True(log.Append(world.Request(log, 1, at, Numbers("x", Datatype.Fp64, [rows, 1], values))));
        await log.StopAsync(Token);
    }
}
