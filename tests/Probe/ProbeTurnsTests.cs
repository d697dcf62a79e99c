using Modeldrop.Probe;

namespace Modeldrop.Tests.Probe;

public sealed class ProbeTurnsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Leave_SeveralWait_TheOneOfAPersonIsFirst()
    {
        using var turns = new ProbeTurns(1);
        await turns.EnterAsync(ProbePriority.Background, alone: false, Token);
        using var gone = new CancellationTokenSource();
        Task background = turns.EnterAsync(ProbePriority.Background, alone: false, Token);
        Task first = turns.EnterAsync(ProbePriority.Operation, alone: false, Token);
        Task second = turns.EnterAsync(ProbePriority.Operation, alone: false, Token);
        Task hungUp = turns.EnterAsync(ProbePriority.Asked, alone: false, gone.Token);
        Task asked = turns.EnterAsync(ProbePriority.Asked, alone: false, Token);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hungUp);

        foreach (Task next in (Task[])[asked, first, second, background])
        {
            Assert.False(next.IsCompleted);
            turns.Leave(alone: false);
            await next;
        }

        turns.Leave(alone: false);
        await turns.EnterAsync(ProbePriority.Background, alone: false, Token);
    }

    [Fact]
    public async Task Enter_Alone_WaitsForAllAndBlocksOthers()
    {
        using var turns = new ProbeTurns(2);
        await turns.EnterAsync(ProbePriority.Operation, alone: false, Token);
        Task alone = turns.EnterAsync(ProbePriority.Operation, alone: true, Token);
        Task behind = turns.EnterAsync(ProbePriority.Operation, alone: false, Token);
        Assert.False(alone.IsCompleted || behind.IsCompleted);

        turns.Leave(alone: false);
        await alone;
        Assert.False(behind.IsCompleted);

        turns.Leave(alone: true);
        await behind;
    }

    [Fact]
    public async Task Enter_BehindACancelledExclusiveTurn_Continues()
    {
        using var turns = new ProbeTurns(2);
        using var gone = new CancellationTokenSource();
        await turns.EnterAsync(ProbePriority.Operation, alone: false, Token);
        Task alone = turns.EnterAsync(ProbePriority.Operation, alone: true, gone.Token);
        Task behind = turns.EnterAsync(ProbePriority.Operation, alone: false, Token);

        await gone.CancelAsync();

        await behind;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => alone);
    }
}
