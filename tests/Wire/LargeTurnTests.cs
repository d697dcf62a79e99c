using Modeldrop.Wire;

namespace Modeldrop.Tests.Wire;

/// <summary>Large bodies are decoded in turn, so that small requests find a free thread.</summary>
public sealed class LargeTurnTests
{
    private const int Large = 1 << 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_large_request_waits_for_a_turn_and_a_small_one_does_not()
    {
        var budget = new MemoryBudget(1L << 30);
        List<RequestMemory> working = [];
        while (budget.LargeTurns.CurrentCount > 0)
        {
            var request = new RequestMemory(budget);
            working.Add(request);
            await request.EnterAsync(Large, Token);
        }

        using var small = new RequestMemory(budget);
        using var large = new RequestMemory(budget);
        Task waits = large.EnterAsync(Large, Token).AsTask();

        Assert.True(small.EnterAsync(1_000, Token).AsTask().IsCompletedSuccessfully);
        Assert.False(waits.IsCompleted);
        working[0].Leave();
        await waits;
        Assert.Equal(0, budget.LargeTurns.CurrentCount);
        working.ForEach(request => request.Dispose());
    }

    [Fact]
    public async Task A_request_has_one_turn_and_gives_it_back_however_it_ends()
    {
        var budget = new MemoryBudget(1L << 30);
        int turns = budget.LargeTurns.CurrentCount;
        using (var request = new RequestMemory(budget))
        {
            await request.EnterAsync(Large, Token);
            await request.EnterAsync(Large, Token);
            Assert.Equal(turns - 1, budget.LargeTurns.CurrentCount);
        }

        Assert.Equal(turns, budget.LargeTurns.CurrentCount);
    }

    [Fact]
    public async Task A_caller_that_hangs_up_while_it_waits_takes_no_turn()
    {
        var budget = new MemoryBudget(1L << 30);
        int turns = budget.LargeTurns.CurrentCount;
        for (int taken = 0; taken < turns; taken++)
        {
            await budget.LargeTurns.WaitAsync(Token);
        }

        using var gone = new CancellationTokenSource();
        using (var request = new RequestMemory(budget))
        {
            Task waits = request.EnterAsync(Large, gone.Token).AsTask();
            await gone.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waits);
        }

        Assert.Equal(0, budget.LargeTurns.CurrentCount);
    }
}
