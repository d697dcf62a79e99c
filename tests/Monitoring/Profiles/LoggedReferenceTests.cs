using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Modeldrop.Manifests;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Registry;
using Modeldrop.Tensors;
using static Modeldrop.Tests.Predictions.LogWorld;

namespace Modeldrop.Tests.Monitoring.Profiles;

/// <summary>A version without reference data is compared with its own first rows.</summary>
public sealed class LoggedReferenceTests(AzuriteFixture azurite)
{
    private static readonly DateTimeOffset Start = new(2026, 1, 5, 0, 0, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Seal_FirstRows_BecomeTheReferenceOnce_AndReportsStateIt()
    {
        var world = new MonitoringWorld(azurite);
        world.Options.ReferenceRows = 1000;
        await world.RegisterAsync(1);
        var random = new Random(3);
        await LogAsync(world, Start, random, 900, 0, requests: 9);
        Assert.False(await SealAsync(world));
        await world.Runner.Fold.FoldAsync(world.Model, Token);
        DriftReport before = await world.Runner.Drift.CompareAsync(
            new VersionName(world.Model, 1), Start, Start.AddDays(1), DriftBaseline.Reference, Token);
        Assert.Equal((DriftStatus.NoReference, 900), (before.Status, before.Rows));
        Assert.Contains("its first 1000 logged rows will be its reference", before.Summary, StringComparison.Ordinal);

        await LogAsync(world, Start.AddHours(1), random, 100, 0);
        await Task.WhenAll(SealAsync(world), SealAsync(world));
        ReferenceProfile profile = (await world.Runner.References.FindAsync(new VersionName(world.Model, 1), Token))!;
        Assert.Equal((1000, Start, Start.AddHours(1)), (profile.Rows, profile.LoggedFrom, profile.LoggedTo));
        await LogAsync(world, Start.AddHours(2), random, 500, 0, requests: 100);
        await LogAsync(world, Start.AddHours(30), random, 500, 1, requests: 100);
        Assert.True(await SealAsync(world));
        await world.Runner.Fold.FoldAsync(world.Model, Token);

        DriftReport same = await world.Runner.Drift.CompareAsync(
            new VersionName(world.Model, 1), Start, Start.AddHours(24), DriftBaseline.Reference, Token);
        DriftReport moved = await world.Runner.Drift.CompareAsync(
            new VersionName(world.Model, 1), Start.AddHours(24), Start.AddHours(48), DriftBaseline.Reference, Token);
        // Rows folded before the bins existed have no counts; the other hundred rows are counted.
        Assert.Equal((false, 600, 900), (same.Drifted, same.Rows, same.OtherRows));
        Assert.Equal((true, 500, Start), (moved.Drifted, moved.Rows, moved.ReferenceLoggedFrom));
        Assert.Equal(profile.Digest, (await world.Runner.References.FindAsync(new VersionName(world.Model, 1), Token))!.Digest);

        WindowProfile window = await WindowProfile.ReadAsync(
            world.Runner.Profiles, new VersionName(world.Model, 1), profile, Start.AddHours(24), Start.AddHours(48), Token);
        Assert.Equal((500, 500, 0), (window.Rows, window.Features[0].Counts.Total(), window.OtherRows));
        Assert.Equal(1, window.Features[0].Mean!.Value, 0.2);
    }

    [Fact]
    public async Task Seal_OneLargeRequest_GivesATenthOfTheReferenceInEvenSteps()
    {
        var world = new MonitoringWorld(azurite);
        world.Options.ReferenceRows = 100;
        await world.RegisterAsync(1);
        await LogAsync(world, Start, [.. Enumerable.Range(0, 100_000).Select(row => (double)row)], requests: 1);
        Assert.False(await SealAsync(world));

        // Nine more requests of ten rows each, all with one value.
        await LogAsync(world, Start.AddHours(1), [.. Enumerable.Repeat(-1.0, 90)], requests: 9);
        Assert.True(await SealAsync(world));

        ReferenceProfile profile = (await world.Runner.References.FindAsync(new VersionName(world.Model, 1), Token))!;
        Assert.Equal(100, profile.Rows);
        // 0, 10,000 … 90,000 and ninety times -1.
        Assert.Equal([-1, double.BitIncrement(-1), 0, double.Epsilon, double.BitIncrement(90_000)], profile.Features[0].Edges!);
        Assert.Equal([0, 90, 0, 1, 9, 0], profile.Features[0].Counts.Bins);
    }

    private static Task<bool> SealAsync(MonitoringWorld world) => new LoggedReference(
        new PredictionStore(world.Log.Account), new VersionStore(world.Log.Account), new ReferenceProfiles(
            new VersionStore(world.Log.Account)), Options
            .Create(world.Options), TimeProvider.System,
        NullLogger<LoggedReference>.Instance).TrySealAsync(new VersionName(world.Model, 1), Token);

    private static Task LogAsync(MonitoringWorld world, DateTimeOffset at, Random random, int rows, double shift, int requests = 1) =>
        LogAsync(world, at,
        [.. Enumerable.Range(0, rows).Select(
            _ => shift + (Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))], requests);

    private static async Task LogAsync(MonitoringWorld world, DateTimeOffset at, double[] values, int requests)
    {
        PredictionLog log = await world.Log.StartLogAsync();
        foreach (double[] part in values.Chunk(values.Length / requests))
        {
            Assert.True(log.Append(world.Request(log, 1, at, Numbers("x", Datatype.Fp64, [part.Length, 1], part))));
        }

        await log.StopAsync(Token);
    }
}
