using Modeldrop.Lifecycle.Consequences;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Predictions.Feedback;
using Modeldrop.Scoring.Cache;
using Modeldrop.Tabular;
using Modeldrop.Tests.Lifecycle.Replay;
using Modeldrop.Tests.Probe;

namespace Modeldrop.Tests.Lifecycle.Consequences;

/// <summary>The registered version that would have performed best on a window of the log.</summary>
public sealed class VersionComparisonTests(AzuriteFixture azurite)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Compare_ByLabels_PrefersTheBetterModel_AndWithoutLabelsStatesThatItEstimates()
    {
        using ReplayWorld world = await ReplayWorld.StartAsync(azurite);
        VersionInput better = await world.RegisterAsync("flights/2");
        await world.Kit.Validation.EndAsync(better, [], Token);
        const int Rows = 800;
        await world.LogAsync(Rows);
        var feedback = new FeedbackStore(world.Kit.Registry.Account, TimeProvider.System);
        var comparison = new VersionComparison(
            world.Kit.Registry.Service, world.Kit.Registry.Versions, new VersionDownload(
                world.Kit.Registry.Versions), world.Kit.Probe, world.Predictions, feedback);
        DateTimeOffset from = TimeProvider.System.GetUtcNow().AddHours(-1);

        Assert.Null(await comparison.CompareAsync(new VersionName(world.Model, 1), from.AddDays(-2), from.AddDays(-1), Token));
        WindowComparison guess = (await comparison.CompareAsync(new VersionName(world.Model, 1), from, from.AddHours(2), Token))!;
        Assert.True(guess.IsEstimate);
        Assert.All(guess.Versions, version => Assert.Contains("no calibration", version.Problem, StringComparison.Ordinal));
        Assert.Equal("No version's answers on the window can be ranked.", guess.Summary);

        // The records are rows of the validation data, one each, in order.
        Table validation = await TableReader.ReadAsync(SampleFiles.PathOf("flights/validation.csv"), TableLimits.Default, Token);
        List<Prediction> records = [];
        await foreach (LogPack pack in world.Predictions.ReadPacksAsync(world.Model, from, from.AddHours(2), Token))
        {
            records.AddRange(PredictionStore.ReadRecords(pack));
        }

        await feedback.WriteAsync(
            [
                .. records.OrderBy(record => record.Id.Sequence).Select(
                    (record, row) => new FeedbackEntry(
                        record.Id, [validation.FindColumn("late")!.Values[row]!]))], "ann", Token);
        WindowComparison told = (await comparison.CompareAsync(new VersionName(world.Model, 1), from, from.AddHours(2), Token))!;

        Assert.Equal((false, Rows), (told.IsEstimate, told.Rows));
        Assert.Equal([1, 2], told.Versions.Select(version => version.Version).Order());
        Assert.All(told.Versions, version => Assert.InRange(version.Value!.Value, version.Low!.Value, version.High!.Value));
        Assert.True(told.Versions[0].Value >= told.Versions[1].Value);
        Assert.StartsWith(
            $"On 800 rows of the window version {told.Versions[0].Version} would have done best: roc_auc 0.", told.Summary,
            StringComparison.Ordinal);
    }
}
