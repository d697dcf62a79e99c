using Modeldrop.LocalHost.Durable;
using Modeldrop.LocalHost.Durable.Replay;
using static Modeldrop.Tests.LocalHost.Durable.ReplayHost;

namespace Modeldrop.Tests.LocalHost.Durable;

public sealed class RetryTests
{
    [Fact]
    public void Retry_Policy_WaitsLongerEachTimeUpToTheBound()
    {
        var policy = new RetryPolicy(5, TimeSpan.FromSeconds(1), backoffCoefficient: 3, maxRetryInterval: TimeSpan.FromSeconds(10));
        ReplayHost host = new ReplayHost(async context => await context.CallActivityAsync<string>("Work", null, TaskOptions.FromRetryPolicy(policy))).Turn();

        int[] waits = [1, 3, 9, 10];
        foreach (int wait in waits)
        {
            DateTimeOffset before = host.Now;
            host.Turn(Failed(Assert.Single(host.Pending.Activities.Keys)));
            host.FireTimer();
            Assert.Equal(TimeSpan.FromSeconds(wait), host.Now - before);
        }

        int last = Assert.Single(host.Pending.Activities.Keys);
        host.Turn(Failed(last, "still broken"));
        Assert.Equal((OrchestrationRuntimeStatus.Failed, "still broken"), (host.Row.Status, host.Row.Failure!.InnerFailure!.ErrorMessage));
    }

    [Fact]
    public void Retry_PolicySucceedsInTheEnd_ReturnsTheResult()
    {
        ReplayHost host = new ReplayHost(async context =>
            await context.CallActivityAsync<string>("Work", null, TaskOptions.FromRetryPolicy(new RetryPolicy(2, TimeSpan.FromSeconds(1)))))
            .Turn().Turn(Failed(0)).FireTimer().Turn(Completed(2, "done"));

        Assert.Equal("\"done\"", host.End!.Output);
    }

    [Fact]
    public void Retry_FailureNotHandled_IsThrownAtOnce()
    {
        var policy = new RetryPolicy(5, TimeSpan.FromSeconds(1)) { HandleFailure = failure => failure.IsCausedBy<TimeoutException>() };
        ReplayHost host = new ReplayHost(async context => await context.CallActivityAsync<string>("Work", null, TaskOptions.FromRetryPolicy(policy)))
            .Turn().Turn(Failed(0));

        Assert.Equal(OrchestrationRuntimeStatus.Failed, host.Row.Status);
    }

    [Fact]
    public void Retry_Handler_DecidesAndMayWait()
    {
        var attempts = new List<int>();
        ReplayHost host = new ReplayHost(async context => await context.CallSubOrchestratorAsync<string>("Sub", 1, TaskOptions.FromRetryHandler(async retry =>
        {
            if (!retry.OrchestrationContext.IsReplaying)
            {
                attempts.Add(retry.LastAttemptNumber);
            }

            await retry.OrchestrationContext.CreateTimer(TimeSpan.FromMinutes(1), retry.CancellationToken);
            return retry.LastAttemptNumber < 2 && retry.LastFailure.ErrorMessage == "broken";
        }))).Turn().Turn(Failed(0)).FireTimer().Turn(Failed(2)).FireTimer();

        Assert.Equal([1, 2], attempts);
        Assert.Equal(OrchestrationRuntimeStatus.Failed, host.Row.Status);
    }

    [Theory]
    [InlineData(1, 60, 0, true)]
    [InlineData(1, 60, 59.9, true)]
    [InlineData(1, 60, 60, false)]
    [InlineData(3, 600, 0, false)]
    public void NextDelay_AttemptsAndTimeOut_Bound(int attempt, double timeoutSeconds, double elapsedSeconds, bool another)
    {
        var policy = new RetryPolicy(3, TimeSpan.FromSeconds(1), retryTimeout: TimeSpan.FromSeconds(timeoutSeconds));

        Assert.Equal(another, RetryLoop.NextDelay(policy, attempt, TimeSpan.FromSeconds(elapsedSeconds)) is not null);
    }

    [Theory]
    [InlineData(0, 1, 1, 2, 2)]
    [InlineData(1, 0, 1, 2, 2)]
    [InlineData(1, 1, 0.9, 2, 2)]
    [InlineData(1, 1, double.NaN, 2, 2)]
    [InlineData(1, 3, 1, 2, 4)]
    [InlineData(1, 3, 1, 4, 2)]
    public void RetryPolicy_SenselessArgument_Throws(int attempts, int first, double coefficient, int longest, int timeout) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new RetryPolicy(
            attempts, TimeSpan.FromSeconds(first), coefficient, TimeSpan.FromSeconds(longest), TimeSpan.FromSeconds(timeout)));
}
