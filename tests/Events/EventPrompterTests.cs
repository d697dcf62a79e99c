using Microsoft.Extensions.Logging.Abstractions;
using Modeldrop.Events;
using Modeldrop.Tests.Webhooks;

namespace Modeldrop.Tests.Events;

/// <summary>Sending events without a timer.</summary>
public sealed class EventPrompterTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private readonly EventWorld _world = new(azurite);
    private Receiver _receiver = null!;
    private EventPrompter _prompter = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _receiver = await Receiver.StartAsync();
        _prompter = new EventPrompter(_world.Signal, _world.Delivery, TimeProvider.System, NullLogger<EventPrompter>.Instance);
        await _prompter.StartAsync(Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _prompter.StopAsync(CancellationToken.None);
        _prompter.Dispose();
        _world.Dispose();
        await _receiver.DisposeAsync();
    }

    [Fact]
    public async Task Append_WithASubscriber_SendsWithoutTheTimer()
    {
        await _world.SubscribeAsync(_receiver);
        await _world.HappenAsync("flights", 2);
        await ArriveAsync(2);
        await _world.HappenAsync("flights", 1);
        await ArriveAsync(3);

        Assert.Equal(["flights/1", "flights/2", "flights/3"], EventWorld.IdsOf(_receiver.Deliveries));
    }

    [Fact]
    public async Task Create_FromAnEarlierCursor_SendsTheMissedEventsAtOnce()
    {
        await _world.HappenAsync("flights", 2);
        await _world.SubscribeAsync(_receiver);
        await ArriveAsync(2);

        Assert.Equal(["flights/1", "flights/2"], EventWorld.IdsOf(_receiver.Deliveries));
    }

    /// <summary>Another process read the feed before the event existed and is still sending. The event is not delayed by it.</summary>
    [Fact]
    public async Task Append_WhileAnotherProcessSends_IsSentAfterIt()
    {
        var isSending = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var maySend = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _receiver.Answer = (number, _) =>
        {
            if (number == 0)
            {
                isSending.SetResult();
                maySend.Task.Wait(Token);
            }

            return 204;
        };
        await _prompter.StopAsync(Token);
        await _world.SubscribeAsync(_receiver);
        await _world.HappenAsync("flights", 1);
        Task<bool> other = Task.Run(() => _world.NewDelivery().DeliverAsync(Token), Token);
        await isSending.Task.WaitAsync(Token);
        await _world.HappenAsync("flights", 1);

        Assert.True(await _world.Delivery.DeliverAsync(Token));
        maySend.SetResult();
        Assert.False(await other);
        Assert.False(await _world.Delivery.DeliverAsync(Token));
        Assert.Equal(["flights/1", "flights/2"], EventWorld.IdsOf(_receiver.Deliveries));
    }

    private Task ArriveAsync(int count) => Poll.UntilAsync(() => _receiver.Deliveries.Count >= count, $"{count} deliveries");
}
