using Modeldrop.Lifecycle.Operations;
using Modeldrop.Names;
using Modeldrop.Storage;

namespace Modeldrop.Tests.Lifecycle.Operations;

public sealed class WorkflowQueueTests
{
    private static readonly ModelName Flights = ModelName.Parse("flights");
    private static readonly ModelName Digits = ModelName.Parse("digits");

    private readonly StorageAccount _account;
    private readonly WorkflowQueue _queue;

    public WorkflowQueueTests(AzuriteFixture azurite)
    {
        _account = azurite.CreateAccount();
        _queue = new WorkflowQueue(_account);
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EnterAsync_InOrder_OnlyTheFirstHasItsTurn()
    {
        Assert.True(await EnterAsync("a"));
        Assert.False(await EnterAsync("b"));
        Assert.True(await EnterAsync("a"));
        Assert.False(await EnterAsync("b"));
        Assert.True(await _queue.EnterAsync(Digits, "c", Cancelled));

        Assert.Equal(["a", "b"], await _queue.ListAsync(Flights, Cancelled));
    }

    [Fact]
    public async Task LeaveAsync_Front_NamesTheNextAlsoWhenRepeated()
    {
        await EnterAsync("a");
        await EnterAsync("b");

        Assert.Equal("b", await _queue.LeaveAsync(Flights, "a", Cancelled));
        Assert.Equal("b", await _queue.LeaveAsync(Flights, "a", Cancelled));
        Assert.True(await EnterAsync("b"));
        Assert.Null(await _queue.LeaveAsync(Flights, "b", Cancelled));
        Assert.Null(await _queue.LeaveAsync(Flights, "b", Cancelled));
        Assert.Empty(
            await _account.Table(TableNames.Workflows).QueryAsync<Azure.Data.Tables.TableEntity>(cancellationToken: Cancelled)
                .ToListAsync(Cancelled));
    }

    [Fact]
    public async Task LeaveAsync_Waiting_WakesNoOther()
    {
        await EnterAsync("a");
        await EnterAsync("b");
        await EnterAsync("c");

        Assert.Null(await _queue.LeaveAsync(Flights, "b", Cancelled));

        Assert.Equal(["a", "c"], await _queue.ListAsync(Flights, Cancelled));
    }

    [Fact]
    public async Task Queue_ManyWorkersAtOnce_RunOneAtATimeAndAllGetTheirTurn()
    {
        int working = 0;
        var done = new List<string>();
        var entered = new List<string>();
        await Task.WhenAll(Enumerable.Range(0, 12).Select(async worker =>
        {
            string operation = $"op-{worker}";
            bool first = await EnterAsync(operation);
            lock (entered)
            {
                entered.Add(operation);
            }

            while (!first)
            {
                await Task.Delay(20, Cancelled);
                first = await EnterAsync(operation);
            }

            Assert.Equal(1, Interlocked.Increment(ref working));
            IReadOnlyList<string> order = await _queue.ListAsync(Flights, Cancelled);
            Assert.Equal(operation, order[0]);
            done.Add(operation);
            Interlocked.Decrement(ref working);
            string? next = await _queue.LeaveAsync(Flights, operation, Cancelled);
            Assert.Equal(order.Skip(1).FirstOrDefault() ?? next, next);
        }));

        Assert.Equal(entered.Order(), done.Order());
        Assert.Empty(await _queue.ListAllAsync(Cancelled));
    }

    private Task<bool> EnterAsync(string operation) => _queue.EnterAsync(Flights, operation, Cancelled);
}
