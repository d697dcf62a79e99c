using Microsoft.Extensions.Options;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Names;
using Modeldrop.Storage;

namespace Modeldrop.Tests.Lifecycle.Operations;

public sealed class WorkSlotsTests(AzuriteFixture azurite)
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    private readonly StorageAccount _account = azurite.CreateAccount();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task LeaveAsync_WithOthersWaiting_NamesTheNextHolder_AlsoWhenRepeated()
    {
        WorkSlots slots = Slots(1);
        Assert.True((await EnterAsync(slots, "a", 0)).Works);
        Assert.Equal(new SlotTurn(false, 0), await EnterAsync(slots, "b", 1));
        Assert.Equal(new SlotTurn(false, 1), await EnterAsync(slots, "c", 2));
        Assert.Equal([("b", 0), ("c", 1)], (await slots.AheadAsync(Token)).OrderBy(pair => pair.Value)
            .Select(pair => (pair.Key.Model.Value, pair.Value)));

        Assert.Equal([Ids.Operation("1", "b")], await LeaveAsync(slots, "a"));
        Assert.Equal([Ids.Operation("1", "b")], await LeaveAsync(slots, "a"));
        Assert.Empty(await LeaveAsync(slots, "c"));
        Assert.True((await EnterAsync(slots, "b", 1)).Works);
        Assert.Empty(await LeaveAsync(slots, "b"));
        Assert.Empty(await slots.ListAsync(SlotPool.Registration, Token));
    }

    [Fact]
    public async Task EnterAsync_ManyOperationsOfTwoProcesses_NeverExceedTheSlots_AndAllGetOne()
    {
        WorkSlots[] processes = [Slots(3), Slots(3)];
        int working = 0;
        int most = 0;
        int ended = 0;

        await Task.WhenAll(Enumerable.Range(0, 40).Select(async number =>
        {
            WorkSlots slots = processes[number % 2];
            await Poll.UntilAsync(async () => (await EnterAsync(slots, $"m{number}", number)).Works, $"a slot for m{number}");
            most = Math.Max(most, Interlocked.Increment(ref working));
            await Task.Yield();
            Interlocked.Decrement(ref working);
            Interlocked.Increment(ref ended);
            await LeaveAsync(slots, $"m{number}");
        }));

        Assert.InRange(most, 1, 3);
        Assert.Equal(40, ended);
    }

    private static Task<SlotTurn> EnterAsync(WorkSlots slots, string model, int seconds) =>
        slots.EnterAsync(SlotPool.Registration, Ids.Operation("1", model), Noon.AddSeconds(seconds), Token);

    private static Task<IReadOnlyList<OperationId>> LeaveAsync(WorkSlots slots, string model) =>
        slots.LeaveAsync(SlotPool.Registration, Ids.Operation("1", model), Token);

    private WorkSlots Slots(int slots) => new(_account, Options.Create(new LifecycleOptions { RegistrationSlots = slots }));
}
