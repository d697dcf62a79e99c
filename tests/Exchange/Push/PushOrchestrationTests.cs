using Modeldrop.Exchange.Push;
using Modeldrop.Functions.Exchange;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Names;
using Modeldrop.Tests.Lifecycle;

namespace Modeldrop.Tests.Exchange.Push;

public sealed class PushOrchestrationTests
{
    private static readonly PushInput Input =
        new(ModelName.Parse("flights"), 2, "prod", ModelName.Parse("late"), WithData: true);

    private readonly ReplayHost _host = new(async context => await PushOrchestration.RunAsync(context, Input));

    [Fact]
    public void Run_TargetThatDecides_IsPolledUntilThen()
    {
        _host.Turn().Complete(new PushedBundle("late~register~1", null)).Complete(Running("validating")).FireTimer()
            .Complete(Running("validating")).FireTimer().Complete(new PushState("done", "done", 1, []));

        OperationResult result = _host.Output<OperationResult>()!;
        Assert.Equal((OperationOutcome.Done, 2), (result.Outcome, result.Version));
        Assert.Equal("It is version 1 of 'late' at 'prod' (operation late~register~1).", Assert.Single(result.Reasons));
    }

    [Fact]
    public void Run_TargetThatRefusesTheBundle_EndsWithItsReason()
    {
        _host.Turn().Complete(new PushedBundle(null, "'prod' answered 403: no."));

        OperationResult result = _host.Output<OperationResult>()!;
        Assert.Equal((OperationOutcome.Rejected, "'prod' answered 403: no."), (result.Outcome, Assert.Single(result.Reasons)));
    }

    [Fact]
    public void Run_VersionRejectedByTheTarget_EndsWithItsReasons()
    {
        _host.Turn().Complete(new PushedBundle("op", null)).Complete(new PushState("rejected", "rejected", 1, ["roc_auc is 0.5."]));

        OperationResult result = _host.Output<OperationResult>()!;
        Assert.Equal(OperationOutcome.Rejected, result.Outcome);
        Assert.Equal(["'prod' (operation op) has ended as 'rejected'.", "roc_auc is 0.5."], result.Reasons);
    }

    [Fact]
    public void Run_TargetThatNeverDecides_EndsAfterADay()
    {
        _host.Turn().Complete(new PushedBundle("op", null));
        int asked = 0;
        for (; _host.End is null && asked < 1_000; asked++)
        {
            _host.Complete(Running("waiting for approval"));
            if (_host.End is null)
            {
                _host.FireTimer();
            }
        }

        OperationResult result = _host.Output<OperationResult>()!;
        Assert.Equal(OperationOutcome.Rejected, result.Outcome);
        Assert.Contains("has not ended within a day", result.Reasons[0], StringComparison.Ordinal);
        Assert.InRange(asked, 280, 320);
    }

    private static PushState Running(string step) => new(null, step, null, []);
}
