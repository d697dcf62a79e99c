using Modeldrop.LocalHost.Durable;
using static Modeldrop.Tests.LocalHost.Durable.ReplayHost;

namespace Modeldrop.Tests.LocalHost.Durable;

public sealed class DeterminismTests
{
    [Fact]
    public void Turn_OtherActivity_FailsAndSaysWhere()
    {
        ReplayHost host = new ReplayHost(async context => await context.CallActivityAsync<int>("Old", 1)).Turn();

        host.Code = async context => await context.CallActivityAsync<int>("New", 1);
        host.Turn(Completed(0));

        AssertNonDeterministic(host, "Orchestrator 'Test'", "history event 2", "activity 'Old' with input 1", "now asks for task 0: activity 'New' with input 1");
    }

    [Fact]
    public void Turn_OtherInput_Fails()
    {
        int counter = 0;
        ReplayHost host = new ReplayHost(async context => await context.CallActivityAsync<int>("Work", counter++)).Turn().Turn(Completed(0));

        AssertNonDeterministic(host, "with input 0", "with input 1");
    }

    [Fact]
    public void Turn_OtherKind_Fails()
    {
        ReplayHost host = new ReplayHost(async context => await context.CallActivityAsync<int>("Work")).Turn();

        host.Code = async context =>
        {
            await context.CreateTimer(TimeSpan.FromMinutes(1), CancellationToken.None);
            return null;
        };
        host.Turn(Completed(0));

        AssertNonDeterministic(host, "activity 'Work'", "a timer for 2026-03-01T12:01:00");
    }

    [Fact]
    public void Turn_ActionMissing_Fails()
    {
        ReplayHost host = new ReplayHost(async context => await context.CallActivityAsync<int>("Work")).Turn();

        host.Code = _ => Task.FromResult<object?>(null);
        host.Turn(Completed(0));

        AssertNonDeterministic(host, "activity 'Work'", "now asks for nothing");
    }

    [Fact]
    public void Turn_ActionAdded_Fails()
    {
        ReplayHost host = new ReplayHost(async context => await context.CallActivityAsync<int>("Work")).Turn();

        host.Code = async context =>
        {
            Task<int> work = context.CallActivityAsync<int>("Work");
            context.SendEvent("other", "hello", 1);
            return await work;
        };
        host.Turn(Completed(0));

        AssertNonDeterministic(host, "before history event 3", "event 'hello' to instance 'other' with payload 1");
    }

    [Fact]
    public void Turn_ForeignAwait_FailsInsteadOfHanging()
    {
        ReplayHost host = new ReplayHost(async _ =>
        {
            await new TaskCompletionSource().Task;
            return null;
        }).Turn();

        AssertIllegalAwait(host);
    }

    [Fact]
    public void Turn_ForeignAwaitBesideDurableOne_FailsWhenNothingDurableIsLeft()
    {
        ReplayHost host = new ReplayHost(async context =>
        {
            await Task.WhenAll(context.CallActivityAsync("Work"), new TaskCompletionSource().Task);
            return null;
        }).Turn();
        Assert.Null(host.End);

        AssertIllegalAwait(host.Turn(Completed(0)));
    }

    [Fact]
    public async Task Turn_ForeignTaskContinuesTheCodeBetweenTurns_IsReported()
    {
        var foreign = new TaskCompletionSource();
        ReplayHost host = new ReplayHost(async context =>
        {
            await Task.WhenAny(context.CallActivityAsync("Work"), foreign.Task);
            return null;
        }).Turn();
        Assert.Null(host.End);

        foreign.SetResult();

        await host.LateContinuation.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        AssertIllegalAwait(host.Turn(new Modeldrop.LocalHost.Durable.Replay.AwaitViolated(host.Row.Execution)));
    }

    [Fact]
    public async Task Turn_ConfigureAwaitFalse_IsReported()
    {
        ReplayHost host = new ReplayHost(async context =>
        {
            await context.CallActivityAsync("First").ConfigureAwait(false);
            await context.CallActivityAsync("Second");
            return null;
        }).Turn();
        host.Turn(Completed(0));

        if (host.End is null)
        {
            await host.LateContinuation.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
            host.Turn(new Modeldrop.LocalHost.Durable.Replay.AwaitViolated(host.Row.Execution));
        }

        AssertIllegalAwait(host);
    }

    private static void AssertNonDeterministic(ReplayHost host, params string[] says)
    {
        Assert.Equal(OrchestrationRuntimeStatus.Failed, host.Row.Status);
        Assert.EndsWith("NonDeterministicOrchestratorException", host.Row.Failure!.ErrorType, StringComparison.Ordinal);
        Assert.All(says, text => Assert.Contains(text, host.Row.Failure.ErrorMessage, StringComparison.Ordinal));
    }

    private static void AssertIllegalAwait(ReplayHost host)
    {
        Assert.Equal(OrchestrationRuntimeStatus.Failed, host.Row.Status);
        Assert.Contains("'Test' awaits something that is not a durable task", host.Row.Failure!.ErrorMessage, StringComparison.Ordinal);
    }
}
