using Azure;
using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Predictions;
using static Modeldrop.Tests.Predictions.LogWorld;

namespace Modeldrop.Tests.Predictions;

/// <summary>Mode <c>durable</c>: every acknowledged record is stored.</summary>
public sealed class DurableLogTests(AzuriteFixture azurite)
{
    private static readonly PredictionOptions Patient =
        new()
        {
            FlushInterval = TimeSpan.FromSeconds(10),
            MaxRetryDelay = TimeSpan.FromMilliseconds(50),
            DurableTimeout = TimeSpan.FromSeconds(60),
        };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AppendDurablyAsync_Returned_TheRecordCanBeFound()
    {
        var world = new LogWorld(azurite);
        PredictionLog log = await world.StartLogAsync(Patient);
        ScoredRequest request = Request(log);

        await log.AppendDurablyAsync(request, Token);

        Assert.NotNull(await world.Store.FindAsync(request.Id, Token));
        await log.StopAsync(Token);
    }

    [Fact]
    public async Task AppendDurablyAsync_ManyAtOnce_ShareWrites()
    {
        var policy = new FaultPolicy();
        var world = new LogWorld(azurite, policy);
        PredictionLog log = await world.StartLogAsync(Patient);
        await log.AppendDurablyAsync(Request(log), Token);
        int before = policy.Writes;

        await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => log.AppendDurablyAsync(Request(log), Token)));

        Assert.InRange(policy.Writes - before, 1, 100);
        Assert.Equal(501, (await PredictionLogTests.ReadPacksAsync(world)).Sum(pack => pack.Records));
        await log.StopAsync(Token);
    }

    [Fact]
    public async Task AppendDurablyAsync_StoreDown_IsRefused()
    {
        bool down = true;
        var world = new LogWorld(azurite, new FaultPolicy
        {
            BeforeWrite = _ =>
            {
                if (Volatile.Read(ref down))
                {
                    throw new RequestFailedException(503, "The test says that the store is busy.");
                }
            },
        });
        PredictionLog log = await world.StartLogAsync(
            new PredictionOptions { MaxRetryDelay = TimeSpan.FromMilliseconds(50), DurableTimeout = TimeSpan.FromSeconds(3) });

        ServiceException first = await Assert.ThrowsAsync<ServiceException>(() => log.AppendDurablyAsync(Request(log), Token));
        ServiceException second = await Assert.ThrowsAsync<ServiceException>(() => log.AppendDurablyAsync(Request(log), Token));
        Assert.All([first, second], exception => Assert.Equal(ErrorCode.StoreUnavailable, exception.Code));
        Volatile.Write(ref down, false);
        await log.AppendDurablyAsync(Request(log), Token);
        await log.StopAsync(Token);

        // The first record was being written when its caller gave up; the second was not, and is not written without a caller. Neither is
        // lost, because neither was acknowledged.
        Assert.Equal(2, (await PredictionLogTests.ReadPacksAsync(world)).Sum(pack => pack.Records));
        Assert.Equal((0, 0), (log.Dropped, log.Buffered));
    }

    [Fact]
    public async Task AppendDurablyAsync_StoreRefuses_IsAnError()
    {
        var world = new LogWorld(
            azurite, new FaultPolicy { BeforeWrite = _ => throw new RequestFailedException(400, "The test says no.") });
        PredictionLog log = await world.StartLogAsync(Patient);

        await Assert.ThrowsAsync<ServiceException>(() => log.AppendDurablyAsync(Request(log), Token));

        Assert.Equal(0, log.Dropped);
        await log.StopAsync(Token);
        await Assert.ThrowsAsync<ServiceException>(() => log.AppendDurablyAsync(Request(log), Token));
    }

    [Fact]
    public async Task FindAsync_FailedRequest_HasItsErrorAndSample()
    {
        var world = new LogWorld(azurite);
        PredictionLog log = await world.StartLogAsync();
        ScoredRequest answered = Request(log) with { Sample = 0.25 };
        ScoredRequest failed = Request(log) with { Outputs = [], Error = "The graph says no.", Sample = 0.25 };
        ScoredRequest unreadable = Request(log) with { Inputs = [], Outputs = [], Error = "No tensor." };
        Assert.All([answered, failed, unreadable], request => Assert.True(log.Append(request)));
        await log.StopAsync(Token);

        Prediction first = await world.Store.GetAsync(answered.Id, Token);
        Prediction second = await world.Store.GetAsync(failed.Id, Token);
        Prediction third = await world.Store.GetAsync(unreadable.Id, Token);

        Assert.Equal((null, 0.25), (first.Error, first.Sample));
        Assert.Equal(("The graph says no.", 0.25, 1, 0), (second.Error, second.Sample, second.Inputs.Count, second.Outputs.Count));
        Assert.Equal(("No tensor.", 1, 0), (third.Error, third.Sample, third.Inputs.Count));
        List<PackName> packs = await world.Store
            .ListPacksAsync(new VersionName(Flights, 1), DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue.AddDays(-1), Token)
            .ToListAsync(Token);
        Assert.Equal([1], packs.Select(pack => pack.Records));
    }
}
