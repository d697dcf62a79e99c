using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Converters;
using Modeldrop.Functions.Lifecycle.Registration;
using Modeldrop.Functions.Site;
using Modeldrop.Lifecycle;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Lifecycle.Registration;
using Modeldrop.Names;
using Modeldrop.Site.Models;

namespace Modeldrop.Tests.Site;

public sealed class RecentDropsTests
{
    private static readonly OperationId Id = Ids.Operation("0123456789abcdef");
    private static readonly JsonDataConverter Converter = new();

    [Theory]
    [InlineData(OperationOutcome.Done, DropState.Registered, "version 3")]
    [InlineData(OperationOutcome.Unchanged, DropState.Skipped, "same as version 3")]
    [InlineData(OperationOutcome.Rejected, DropState.Refused, "refused")]
    [InlineData(OperationOutcome.Superseded, DropState.Skipped, "replaced by a newer drop")]
    [InlineData(OperationOutcome.RolledBack, DropState.Registered, "version 3, rolled back")]
    [InlineData(OperationOutcome.Cancelled, DropState.Registered, "version 3, rollout cancelled")]
    [InlineData(OperationOutcome.Declined, DropState.Registered, "version 3, not approved")]
    public void Of_CompletedRegistration_HasOutcomeAndReasons(OperationOutcome outcome, DropState state, string words)
    {
        RecentDrop drop = RecentDrops.Of(Id, Registration(
            OrchestrationRuntimeStatus.Completed, output: Converter.Serialize(new OperationResult(outcome, 3, ["Why."]))));

        Assert.Equal(("flights", "flights/model.onnx", state, words), (drop.Operation.Model.Value, drop.Path, drop.State, drop.Words));
        Assert.Equal(["Why."], drop.Reasons);
    }

    [Fact]
    public void Of_RunningRegistration_ShowsItsStep()
    {
        var progress = new OperationProgress([new OperationStep(RegistrationSteps.Waiting, default, "Waits for reference.csv.")]);

        RecentDrop drop = RecentDrops.Of(Id, Registration(OrchestrationRuntimeStatus.Running, progress: Converter.Serialize(progress)));

        Assert.Equal((DropState.Running, RegistrationSteps.Waiting), (drop.State, drop.Words));
        Assert.Equal(["Waits for reference.csv."], drop.Reasons);
    }

    [Fact]
    public void Of_RegistrationNotStartedOrTerminated_NeedsNoProgress()
    {
        RecentDrop pending = RecentDrops.Of(Id, Registration(OrchestrationRuntimeStatus.Pending));
        RecentDrop ended = RecentDrops.Of(Id, Registration(OrchestrationRuntimeStatus.Terminated));

        Assert.Equal((DropState.Running, "starting"), (pending.State, pending.Words));
        Assert.Equal((DropState.Failed, "ended"), (ended.State, ended.Words));
    }

    private static OrchestrationMetadata Registration(
        OrchestrationRuntimeStatus status, string? output = null, string? progress = null) =>
        new(nameof(RegisterOrchestration), Id.ToString())
        {
            DataConverter = Converter,
            RuntimeStatus = status,
            SerializedInput = Converter.Serialize(new RegisterInput("flights/model.onnx", "etag", "Ann")),
            SerializedOutput = output,
            SerializedCustomStatus = progress,
        };
}
