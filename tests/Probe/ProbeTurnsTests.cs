using Modeldrop.Probe;

namespace Modeldrop.Tests.Probe;

public sealed class ProbeTurnsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Leave_SeveralWait_TheOneThatAPersonWaitsForIsFirst()
    {
        using var turns = new ProbeTurns(1);
        await turns.EnterAsync(ProbePriority.Background, Token);
        using var gone = new CancellationTokenSource();
        Task background = turns.EnterAsync(ProbePriority.Background, Token);
        Task first = turns.EnterAsync(ProbePriority.Operation, Token);
        Task second = turns.EnterAsync(ProbePriority.Operation, Token);
        Task hungUp = turns.EnterAsync(ProbePriority.Asked, gone.Token);
        Task asked = turns.EnterAsync(ProbePriority.Asked, Token);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hungUp);

        foreach (Task next in (Task[])[asked, first, second, background])
        {
            Assert.False(next.IsCompleted);
            turns.Leave();
            await next;
        }

        turns.Leave();
        await turns.EnterAsync(ProbePriority.Background, Token);
    }
}
