using Modeldrop.Lifecycle.Operations;
using Modeldrop.Names;
using Modeldrop.Storage;

namespace Modeldrop.Tests.Lifecycle.Operations;

public sealed class WorkflowQueueTests
{
    private static readonly ModelName Flights = ModelName.Parse("flights");
    private static readonly ModelName Digits = ModelName.Parse("digits");
    private static readonly OperationId A = Ids.Operation("a");
    private static readonly OperationId B = Ids.Operation("b");
    private static readonly OperationId C = Ids.Operation("c");

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
        Assert.True(await EnterAsync(A));
        Assert.False(await EnterAsync(B));
        Assert.True(await EnterAsync(A));
        Assert.False(await EnterAsync(B));
        Assert.True(await _queue.EnterAsync(Digits, Ids.Operation("c", "digits"), Cancelled));

        Assert.Equal([A, B], await _queue.ListAsync(Flights, Cancelled));
    }

    [Fact]
    public async Task LeaveAsync_Front_NamesTheNextAlsoWhenRepeated()
    {
        await EnterAsync(A);
        await EnterAsync(B);

        Assert.Equal([B], await _queue.LeaveAsync(Flights, A, Cancelled));
        Assert.Equal([B], await _queue.LeaveAsync(Flights, A, Cancelled));
        Assert.True(await EnterAsync(B));
        Assert.Empty(await _queue.LeaveAsync(Flights, B, Cancelled));
        Assert.Empty(await _queue.LeaveAsync(Flights, B, Cancelled));
        Assert.Empty(
            await _account.Table(TableNames.Workflows).QueryAsync<Azure.Data.Tables.TableEntity>(cancellationToken: Cancelled)
                .ToListAsync(Cancelled));
    }

    [Fact]
    public async Task LeaveAsync_Waiting_WakesNoOther()
    {
        await EnterAsync(A);
        await EnterAsync(B);
        await EnterAsync(C);

        Assert.Empty(await _queue.LeaveAsync(Flights, B, Cancelled));

        Assert.Equal([A, C], await _queue.ListAsync(Flights, Cancelled));
    }

    [Fact]
    public async Task Queue_ManyWorkersAtOnce_RunOneAtATimeAndAllGetTheirTurn()
    {
        int working = 0;
        var done = new List<OperationId>();
        var entered = new List<OperationId>();
        await Task.WhenAll(Enumerable.Range(0, 12).Select(async worker =>
        {
            OperationId operation = Ids.Operation($"{worker}");
            bool first = await EnterAsync(operation);
            lock (entered)
            {
                entered.Add(operation);
            }

            await Poll.UntilAsync(async () => first || (first = await EnterAsync(operation)), $"{operation} to be first");
            Assert.Equal(1, Interlocked.Increment(ref working));
            IReadOnlyList<OperationId> order = await _queue.ListAsync(Flights, Cancelled);
            Assert.Equal(operation, order[0]);
            done.Add(operation);
            Interlocked.Decrement(ref working);
            IReadOnlyList<OperationId> next = await _queue.LeaveAsync(Flights, operation, Cancelled);
            Assert.Equal(order.Count > 1 ? [order[1]] : next, next);
        }));

        Assert.Equal(entered.ToHashSet(), done.ToHashSet());
        Assert.Equal(12, done.Count);
        Assert.Empty(await _queue.ListAllAsync(Cancelled));
    }

    private Task<bool> EnterAsync(OperationId operation) => _queue.EnterAsync(Flights, operation, Cancelled);
}
