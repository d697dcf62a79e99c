using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Modeldrop.Manifests;
using Modeldrop.Monitoring;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Registry;
using Modeldrop.Tensors;
using Modeldrop.Tests.Probe;
using static Modeldrop.Tests.Predictions.LogWorld;

namespace Modeldrop.Tests.Monitoring.Drift;

/// <summary>The joint distribution of logged requests, compared in the real child process.</summary>
public sealed class JointDriftTests(AzuriteFixture azurite)
{
    private static readonly DateTimeOffset Noon = new(2026, 5, 6, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RunAsync_CorrelationInALog_IsDetectedAlthoughNoFeatureDrifts()
    {
        var random = new Random(1);
        var world = new MonitoringWorld(azurite);
        JointDrift joint = Joint(world);
        await world.RegisterAsync(1);
        JointDriftReport without = await joint.RunAsync(new VersionName(world.Model, 1), Noon, Noon.AddHours(1), Token);
        Assert.Equal((null, null), (without.Drifted, without.Result));

        Tensor[] reference = Sample(random, 3_000, 0);
        ReferenceProfile profile = await world.Runner.References.WriteAsync(
            new VersionName(world.Model, 1), ReferenceProfiler.Build(reference, []), Token);
        RowSample sample = new RowSampler(profile).Sample(reference, [], RowSample.MaxRows)!;
        Assert.Equal(RowSample.Decode(sample.Encode()).Columns, sample.Columns);
        var versions = new VersionStore(world.Log.Account);
        await versions.WriteDocumentAsync(new VersionName(world.Model, 1), VersionDocuments.Sample, sample.Encode(), Token);
        PredictionLog log = await world.Log.StartLogAsync();
        for (int request = 0; request < 250; request++)
        {
            log.Append(world.Request(log, 1, Noon.AddSeconds(request), Sample(random, 4, 0)));
            log.Append(world.Request(log, 1, Noon.AddHours(1).AddSeconds(request), Sample(random, 4, 0.95)));
        }

        await log.StopAsync(Token);
        await world.Runner.Fold.FoldAsync(world.Model, Token);

        JointDriftReport same = await joint.RunAsync(new VersionName(world.Model, 1), Noon, Noon.AddHours(1), Token);
        JointDriftReport changed = await joint.RunAsync(new VersionName(world.Model, 1), Noon.AddHours(1), Noon.AddHours(2), Token);
        DriftReport marginal = await world.Runner.Drift.CompareAsync(new VersionName(world.Model, 1), Noon.AddHours(1), Noon.AddHours(2),
            DriftBaseline.Reference, Token);

        Assert.Equal((false, 1_000), (same.Drifted, same.WindowRows));
        Assert.True(changed.Drifted, changed.Summary);
        Assert.Equal(["a", "b"], changed.Result!.Features.Select(feature => feature.Name).Order());
        Assert.False(marginal.Drifted);
        Assert.True(changed.Packs > 0 && changed.Transactions > 0 && changed.Result.Seconds > 0);
        Assert.Equal(changed.Summary, (await new JointDriftReports(versions).FindAsync(new VersionName(world.Model, 1), Token))!.Summary);
        JointDriftReport again = await joint.RunAsync(new VersionName(world.Model, 1), Noon.AddHours(1), Noon.AddHours(2), Token);
        Assert.Equal(changed.Result.Auc, again.Result!.Auc);
    }

    private static JointDrift Joint(MonitoringWorld world) => new(
        new RegistryStore(world.Log.Account, TimeProvider.System), new VersionStore(world.Log.Account),
        new JointDriftReports(new VersionStore(world.Log.Account)), world.Runner.References, new PredictionStore(world.Log.Account),
        ProbeFixture.Service(), Options.Create(new MonitoringOptions()), TimeProvider.System, NullLogger<JointDrift>.Instance);

    private static Tensor[] Sample(Random random, int rows, double correlation)
    {
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        double[] a = [.. Enumerable.Range(0, rows).Select(_ => Normal())];
        return
        [
            Numbers("a", Datatype.Fp64, [rows, 1], a),
            Numbers("b", Datatype.Fp64, [rows, 1],
            [.. a.Select(value => (correlation * value) + (Math.Sqrt(1 - (correlation * correlation)) * Normal()))]),
            Tensor.OfStrings("c", [rows, 1], [.. Enumerable.Range(0, rows).Select(_ => $"c{random.Next(5)}")]),
        ];
    }
}
