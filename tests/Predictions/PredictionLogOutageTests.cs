using Azure;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Modeldrop.Errors;
using Modeldrop.Predictions;
using Modeldrop.Storage;
using static Modeldrop.Tests.Predictions.LogWorld;

namespace Modeldrop.Tests.Predictions;

public sealed class PredictionLogOutageTests(AzuriteFixture azurite)
{
    private static readonly PredictionOptions Quick =
        new() { FlushInterval = TimeSpan.FromMilliseconds(20), MaxRetryDelay = TimeSpan.FromMilliseconds(50) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Append_StoreDownThenUp_KeepsEverything()
    {
        bool down = true;
        var policy = new FaultPolicy { BeforeWrite = _ => FailIf(Volatile.Read(ref down)) };
        var world = new LogWorld(azurite, policy);
        PredictionLog log = await world.StartLogAsync(Quick);
        List<ScoredRequest> requests = [.. Enumerable.Range(0, 500).Select(_ => Request(log))];
        Assert.All(requests, request => Assert.True(log.Append(request)));
        await Poll.UntilAsync(() => policy.Writes >= 5, "5 attempts");
        Assert.Equal(500, log.Buffered);

        Volatile.Write(ref down, false);
        await log.StopAsync(Token);

        Assert.Equal((0, 0), (log.Dropped, log.Buffered));
        Assert.NotNull(await world.Store.FindAsync(requests[250].Id, Token));
        Assert.Equal(500, (await PredictionLogTests.ReadPacksAsync(world)).Sum(pack => pack.Records));
    }

    [Fact]
    public async Task OldestAge_StoreDown_GrowsUntilTheRecordIsWritten()
    {
        bool down = true;
        var policy = new FaultPolicy { BeforeWrite = _ => FailIf(Volatile.Read(ref down)) };
        var world = new LogWorld(azurite, policy);
        PredictionLog log = await world.StartLogAsync(Quick);
        Assert.Equal(TimeSpan.Zero, log.OldestAge);
        log.Append(Request(log));
        await Poll.UntilAsync(() => policy.Writes >= 2, "2 attempts");
        TimeSpan first = log.OldestAge;
        log.Append(Request(log));
        await Poll.UntilAsync(() => policy.Writes >= 6, "6 attempts");
        // The second record does not reset the age of the first one.
        Assert.InRange(log.OldestAge, first, TimeSpan.MaxValue);
        Assert.NotEqual(first, log.OldestAge);

        Volatile.Write(ref down, false);
        await log.StopAsync(Token);

        Assert.Equal(TimeSpan.Zero, log.OldestAge);
    }

    [Fact]
    public async Task Append_StoreDownAndBufferFull_DropsAndCountsTheNewest()
    {
        bool down = true;
        var world = new LogWorld(azurite, new FaultPolicy { BeforeWrite = _ => FailIf(Volatile.Read(ref down)) });
        PredictionLog log = await world.StartLogAsync(
            new PredictionOptions { BufferRecords = 100, MaxRetryDelay = TimeSpan.FromMilliseconds(50) });
        List<ScoredRequest> requests = [.. Enumerable.Range(0, 150).Select(_ => Request(log))];

        List<bool> taken = [.. requests.Select(log.Append)];

        Assert.Equal(Enumerable.Repeat(true, 100).Concat(Enumerable.Repeat(false, 50)), taken);
        Assert.Equal((50, 100), (log.Dropped, log.Buffered));
        Volatile.Write(ref down, false);
        await log.FlushAsync(Token);
        Assert.True(log.Append(Request(log)));
        await log.StopAsync(Token);
        Assert.Equal(50, log.Dropped);
        Assert.Equal(101, (await PredictionLogTests.ReadPacksAsync(world)).Sum(pack => pack.Records));
    }

    [Fact]
    public async Task Append_MoreBytesThanTheBuffer_IsDroppedAndCounted()
    {
        var world = new LogWorld(azurite);
        PredictionLog log = await world.StartLogAsync(new PredictionOptions { BufferBytes = 10_000 });
        Assert.False(log.Append(Request(log, 1, null, null, Floats("x", [1, 3000], new float[3000]))));
        Assert.True(log.Append(Request(log)));
        await log.StopAsync(Token);
        Assert.Equal((1, 0), (log.Dropped, log.Buffered));
        Assert.False(log.Append(Request(log)));
        Assert.Equal(2, log.Dropped);
    }

    [Fact]
    public async Task Write_SucceededButReportedAsFailed_IsRepeatedWithoutADuplicate()
    {
        var policy = new FaultPolicy { AfterWrite = number => FailIf(number <= 2) };
        var world = new LogWorld(azurite, policy);
        PredictionLog log = await world.StartLogAsync(Quick);
        ScoredRequest request = Request(log);
        log.Append(request);
        await log.StopAsync(Token);

        Assert.Equal(3, policy.Writes);
        Assert.Equal(1, (await PredictionLogTests.ReadPacksAsync(world)).Sum(pack => pack.Records));
        Assert.Equal(0, log.Dropped);
    }

    [Fact]
    public async Task StopAsync_StoreNeverAnswers_EndsWithItsTokenAndCountsTheLoss()
    {
        var world = new LogWorld(azurite);
        var closed = new StorageAccount(Options.Create(new StorageOptions
        {
            // Port 1: nothing listens.
            ConnectionString = "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=AAAA;"
                + "BlobEndpoint=http://127.0.0.1:1/devstoreaccount1;QueueEndpoint=http://127.0.0.1:1/devstoreaccount1;TableEndpoint=http://127.0.0.1:1/devstoreaccount1;",
        }));
        PredictionLog log = await world.StartLogAsync(Quick, null, closed);
        for (int index = 0; index < 7; index++)
        {
            Assert.True(log.Append(Request(log)));
        }

        using var deadline = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        await log.StopAsync(deadline.Token);

        Assert.Equal((7, 0), (log.Dropped, log.Buffered));
        var exception = await Assert.ThrowsAsync<ServiceException>(() => new PredictionStore(closed).FindAsync(Request(log).Id, Token));
        Assert.Equal(ErrorCode.StoreUnavailable, exception.Code);
    }

    [Fact]
    public async Task Write_OlderThanTheLogAccepts_IsCountedAsLost()
    {
        // A reader by hours must know when an hour is complete: LogPartition.MaxWriteDelay.
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 4, 10, 59, 0, TimeSpan.Zero));
        var world = new LogWorld(azurite);
        PredictionLog log = await world.StartLogAsync(Quick, clock);
        ScoredRequest inTime = Request(log);
        clock.SetUtcNow(new DateTimeOffset(2026, 3, 4, 11, 59, 0, TimeSpan.Zero));
        log.Append(inTime);
        await log.FlushAsync(Token);
        Assert.Equal(0, log.Dropped);

        clock.SetUtcNow(new DateTimeOffset(2026, 3, 4, 12, 1, 0, TimeSpan.Zero));
        log.Append(inTime with { Id = inTime.Id with { Sequence = inTime.Id.Sequence + 1 } });
        await log.FlushAsync(Token);

        Assert.Equal(1, log.Dropped);
        Assert.Equal(inTime.Id.Hour, LogPartition.FirstOpenHour(new DateTimeOffset(2026, 3, 4, 12, 14, 0, TimeSpan.Zero)));
        Assert.Equal(inTime.Id.Hour + 1, LogPartition.FirstOpenHour(new DateTimeOffset(2026, 3, 4, 12, 15, 0, TimeSpan.Zero)));
        await log.StopAsync(Token);
    }

    private static void FailIf(bool down)
    {
        if (down)
        {
            throw new RequestFailedException(503, "The test says that the store is busy.");
        }
    }
}
