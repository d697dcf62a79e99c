using Modeldrop.Monitoring.Profiles;
using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Tests.Predictions;

namespace Modeldrop.Tests.Monitoring.Profiles;

public sealed class HashCollisionTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task Log_TwoModelsWithOneHash_StaySeparate()
    {
        CancellationToken token = TestContext.Current.CancellationToken;
        (ModelName one, ModelName other) = FindCollision();
        var world = new MonitoringWorld(azurite);
        PredictionLog log = await world.Log.StartLogAsync();
        ScoredRequest ofOne = LogWorld.Request(log, 1, one);
        ScoredRequest ofOther = LogWorld.Request(log, 1, other);
        Assert.Equal(LogPartition.Of(ofOne.Id), LogPartition.Of(ofOther.Id));
        log.Append(ofOne);
        log.Append(ofOther);
        await log.StopAsync(token);

        Assert.Equal(one, (await world.Log.Store.GetAsync(ofOne.Id, token)).Model);
        Assert.Equal(other, (await world.Log.Store.GetAsync(ofOther.Id, token)).Model);
        Assert.Single(await PredictionLogTests.ReadPacksAsync(world.Log, one));
        FoldResult fold = await world.Runner.Fold.FoldAsync(one, token);
        Assert.Equal((2, 1, 1), (fold.Packs, fold.Records, fold.HourRows));
        Assert.Equal(1, (await world.Runner.Fold.FoldAsync(other, token)).Records);
    }

    private static (ModelName One, ModelName Other) FindCollision()
    {
        var seen = new Dictionary<uint, ModelName>();
        for (int number = 0; ; number++)
        {
            ModelName name = ModelName.Parse($"model-{number}");
            uint hash = PredictionId.HashOf(name);
            if (!seen.TryAdd(hash, name))
            {
                return (seen[hash], name);
            }
        }
    }
}
