using DurableTask.Core;
using Modeldrop.Names;

namespace Modeldrop.Tests.Lifecycle;

/// <summary>Behaviour of the engine and of the worker's shim, in the pinned versions, that the product's orchestrations rely on.</summary>
public sealed class ReplayHostTests
{
    [Fact]
    public void TimedWait_EventBetweenTwoWaits_IsDelivered()
    {
        var host = new ReplayHost(async context =>
        {
            for (int wait = 0; ; wait++)
            {
                try
                {
                    return await context.WaitForExternalEvent<string>("go", TimeSpan.FromMinutes(1));
                }
                catch (TaskCanceledException)
                {
                    await context.CallActivityAsync("Look");
                }
            }
        });

        // The first wait is over; the event arrives while the activity runs.
        host.Turn().FireTimer().Raise("go", "now").Complete(null);

        Assert.Equal("now", host.Output<string>());
    }

    [Fact]
    public void UntimedWait_EventWhileAnActivityRuns_CompletesIt()
    {
        var host = new ReplayHost(async context =>
        {
            Task<string> go = context.WaitForExternalEvent<string>("go");
            await context.CallActivityAsync("Work");
            return go.IsCompleted ? await go : "nothing";
        });

        host.Turn().Raise("go", "now").Complete(null);

        Assert.Equal("now", host.Output<string>());
    }

    [Fact]
    public void Code_Changed_FailsTheOrchestration()
    {
        var host = new ReplayHost(async context =>
        {
            await context.CallActivityAsync("First");
            return null;
        });
        host.Turn();
        host.Code = async context =>
        {
            await context.CallActivityAsync("Other");
            return null;
        };

        host.Complete(null);

        Assert.Equal(OrchestrationStatus.Failed, host.End!.OrchestrationStatus);
        Assert.Contains(
            "non-deterministic", host.End.Result ?? host.End.FailureDetails?.ErrorMessage ?? "", StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Payload_OfOurRecords_RoundTrips()
    {
        var input = new Modeldrop.Lifecycle.Rollouts.RolloutRequest(
            Ids.Operation("o"), ModelName.Parse("flights"), 2, "anna", null, new([5, 100], 1.5, true));

        string json = ReplayHost.Converter.Serialize(input)!;

        Assert.Equal(
            """{"Operation":"flights~register~o","Model":"flights","Version":2,"Actor":{"Name":"anna","Kind":null,"Known":null},"Reason":"""
                + """null,"Overrides":{"Steps":[5,100],"BakeMinutes":1.5,"Approval":true}}""",
            json);
        Assert.Equal(
            json, ReplayHost.Converter.Serialize(ReplayHost.Converter.Deserialize<Modeldrop.Lifecycle.Rollouts.RolloutRequest>(json)));
    }
}
