using System.Reflection;
using System.Text.Json;
using Modeldrop.Lifecycle;
using Modeldrop.Lifecycle.Batch;
using Modeldrop.LocalHost;
using Modeldrop.LocalHost.Durable;
using Modeldrop.Registry;
using Modeldrop.Tabular;

namespace Modeldrop.Tests.AzureBuild;

/// <summary>
/// Running orchestrations have stored these names, inputs and outputs: what is pinned here is never changed, it gets a V2 beside it.
/// </summary>
public sealed class WorkflowPayloadTests
{
    // As both hosts have it: names as in C#, enums as numbers.
    private static readonly JsonDataConverter Converter = new(new JsonSerializerOptions { PropertyNameCaseInsensitive = true });

    private static readonly RegisterInput Drop = new("flights/2/model.onnx", "0x8D", "anna");

    private static readonly ShadowInput Shadow = new("flights", 2, 100, new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero), "anna", null);

    private static readonly RolloutRequest Rollout = new("o", "flights", 2, "anna", "r", null);

    private const string RolloutJson = """{"Operation":"o","Model":"flights","Version":2,"Actor":"anna","Reason":"r","Overrides":null}""";

    private static readonly BatchInput Batch = new("flights", 2, "june.jsonl", TableFormat.JsonLines, BatchResultFormat.Csv, "anna");

    private const string BatchJson = """{"Model":"flights","Version":2,"Path":"june.jsonl","Format":2,"Result":0,"Actor":"anna"}""";

    private const string GateJson =
        """{"MinRequests":100,"MaxWaitMinutes":60,"WhenUndecided":0,"MaxErrorIncrease":0.01,"MaxLatencyFactor":2,"MaxOutputShift":0.2}""";

    public static TheoryData<string, object> Payloads => new()
    {
        { """{"Path":"flights/2/model.onnx","ETag":"0x8D","Actor":"anna"}""", Drop },
        { """{"Operation":"o","Drop":{"Path":"flights/2/model.onnx","ETag":"0x8D","Actor":"anna"}}""", new DropInput("o", Drop) },
        { """{"Superseded":true,"Model":null,"Violations":["a","b"]}""", new StageResult(true, null, ["a", "b"]) },
        { """{"Version":2,"Existing":true,"Status":5}""", new RegisterVersionResult(2, true, VersionStatus.Champion) },
        { """{"Operation":"o","Model":"flights","Version":2,"Actor":"anna"}""", new VersionInput("o", "flights", 2, "anna") },
        { """{"Reasons":["a"]}""", new ValidationResult(["a"]) },
        {
            """{"Operation":"o","Drop":{"Path":"flights/2/model.onnx","ETag":"0x8D","Actor":"anna"},"Version":null,"Reasons":["a"]}""",
            new RejectInput("o", Drop, null, ["a"])
        },
        { """{"Champion":1,"Blocks":2,"Records":10000}""", new ReplayPlan(1, 2, 10_000) },
        {
            """{"Version":{"Operation":"o","Model":"flights","Version":2,"Actor":"anna"},"Block":1}""",
            new ReplayBlockInput(new VersionInput("o", "flights", 2, "anna"), 1)
        },
        {
            """{"Operation":"o","Shadow":{"Model":"flights","Version":2,"Percent":100,"From":"2026-01-31T12:00:00+00:00","Actor":"anna","Reason":null}}""",
            new SetShadowInput("o", Shadow)
        },
        { """{"Model":"flights","Version":2,"Percent":100,"From":"2026-01-31T12:00:00+00:00","Actor":"anna","Reason":null}""", Shadow },
        { """{"Model":"flights","Operation":"o"}""", new WorkflowInput("flights", "o") },
        { """{"Promote":true,"Explanation":"e"}""", new PromotionDecision(true, "e") },
        { """{"Model":"flights","Version":2,"Actor":"anna","Reason":"r"}""", new PromoteInput("flights", 2, "anna", "r") },
        { """{"Model":"flights","To":1,"Actor":"anna","Reason":null}""", new RollBackInput("flights", 1, "anna", null) },
        { """{"From":null,"To":2,"Moved":true}""", new MoveResult(null, 2, true) },
        {
            """{"Version":{"Operation":"o","Model":"flights","Version":2,"Actor":"anna"},"Result":{"Reasons":[]}}""",
            new EndValidationInput(new VersionInput("o", "flights", 2, "anna"), new ValidationResult([]))
        },
        {
            """{"Operation":"o","Promote":{"Model":"flights","Version":2,"Actor":"anna","Reason":null}}""",
            new PromoteVersionInput("o", new PromoteInput("flights", 2, "anna", null))
        },
        {
            """{"Operation":"o","RollBack":{"Model":"flights","To":null,"Actor":"anna","Reason":null}}""",
            new RollBackVersionInput("o", new RollBackInput("flights", null, "anna", null))
        },
        { RolloutJson, Rollout },
        {
            $$"""{"Promote":true,"Explanation":"e","Steps":[5,100],"BakeMinutes":10,"Approval":true,"ApprovalHours":72,"ReminderHours":24,"Gate":{{GateJson}}}""",
            new RolloutPlan(true, "e", [5, 100], 10, true, 72, 24, new GatePolicy())
        },
        { $$"""{"Rollout":{{RolloutJson}},"Percent":5}""", new ShiftInput(Rollout, 5) },
        {
            $$"""{"Rollout":{{RolloutJson}},"Gate":{{GateJson}},"Since":"2026-01-31T12:00:00Z","Looks":7}""",
            new GateInput(Rollout, new GatePolicy(), new DateTime(2026, 1, 31, 12, 0, 0, DateTimeKind.Utc), 7)
        },
        { $$"""{"Rollout":{{RolloutJson}},"By":"ben","Reason":"r"}""", new EndRolloutInput(Rollout, "ben", "r") },
        { $$"""{"Rollout":{{RolloutJson}},"By":null,"WithSplit":true}""", new FinishRolloutInput(Rollout, null, true) },
        { """{"Finished":true,"Move":{"From":1,"To":2,"Moved":true}}""", new FinishRolloutResult(true, new MoveResult(1, 2, true)) },
        {
            $$"""{"Rollout":{{RolloutJson}},"Reminder":1,"Until":"2026-01-31T12:00:00Z"}""",
            new ReminderInput(Rollout, 1, new DateTime(2026, 1, 31, 12, 0, 0, DateTimeKind.Utc))
        },
        { """{"Kind":2,"By":"ben","Reason":"r"}""", new RolloutSignal(RolloutSignalKind.Cancel, "ben", "r") },
        { """{"Outcome":4,"Promoted":false,"Explanation":"e"}""", new RolloutResult(OperationOutcome.RolledBack, false, "e") },
        {
            """{"Model":"flights","Version":2,"Actor":"anna","Reason":null,"Overrides":{"Steps":[5,100],"BakeMinutes":1.5,"Approval":null}}""",
            new PromoteInputV2("flights", 2, "anna", null, new RolloutOverrides([5, 100], 1.5, null))
        },
        { BatchJson, Batch },
        { $$$"""{"Operation":"o","Batch":{{{BatchJson}}}}""", new BatchStepInput("o", Batch) },
        { $$$"""{"Step":{"Operation":"o","Batch":{{{BatchJson}}}},"Chunk":3}""", new BatchChunkInput(new BatchStepInput("o", Batch), 3) },
        { """{"Chunks":2,"Violations":["a"]}""", new BatchPlanResult(2, ["a"]) },
        { """{"Rows":10,"Failed":1,"Problems":["line 7: a"],"Refusal":null}""", new BatchRows(10, 1, ["line 7: a"]) },
        {
            $$$"""{"Step":{"Operation":"o","Batch":{{{BatchJson}}}},"Rows":{"Rows":0,"Failed":0,"Problems":[],"Refusal":null}}""",
            new BatchEndInput(new BatchStepInput("o", Batch), BatchRows.None)
        },
        {
            """{"Steps":[],"Batch":{"Chunks":2,"Done":1,"Rows":10,"Failed":1,"Result":null}}""",
            OperationProgress.None with { Batch = new BatchProgress(2, 1, 10, 1, null) }
        },
        { """{"Outcome":2,"Version":null,"Reasons":["a"]}""", OperationResult.Rejected(null, ["a"]) },
        {
            """{"Steps":[{"Name":"staging","At":"2026-01-31T12:00:00Z","Detail":"d"}]}""",
            OperationProgress.None.Then("staging", new DateTime(2026, 1, 31, 12, 0, 0, DateTimeKind.Utc), "d")
        },
    };

    [Theory]
    [MemberData(nameof(Payloads))]
    public void Payload_Stored_IsReadAndWrittenTheSame(string stored, object payload)
    {
        object read = Converter.Deserialize(stored, payload.GetType())!;

        Assert.Equal(stored, Converter.Serialize(payload));
        Assert.Equal(stored, Converter.Serialize(read));
    }

    [Fact]
    public void Payloads_OfTheFunctions_AreAllPinned()
    {
        HashSet<Type> pinned = [.. Payloads.Select(row => row.Data.Item2.GetType())];
        IEnumerable<Type> used = Durable<ActivityTriggerAttribute>().Concat(Durable<OrchestrationTriggerAttribute>()).SelectMany(TypesOf);

        Assert.Empty(used.Where(type => type.Namespace == typeof(RegisterInput).Namespace).Except(pinned).Select(type => type.Name));
    }

    [Fact]
    public void Names_OfOrchestrations_AreThoseThatRunningOnesHaveStored() => Assert.Equal(
        [
            "BatchOrchestration", "PromoteOrchestration", "PromoteOrchestrationV2", "RegisterOrchestration", "RegisterOrchestrationV2", "RollBackOrchestration",
            "RolloutOrchestration", "RolloutOrchestrationV2", "ShadowOrchestration", "ValidateOrchestration", "ValidateOrchestrationV2",
        ],
        Names<OrchestrationTriggerAttribute>());

    [Fact]
    public void Names_OfActivities_AreThoseThatRunningOrchestrationsHaveStored() => Assert.Equal(
        [
            "BeginValidation", "ConcludeReplay", "DecidePromotion", "EndBatch", "EndRollout", "EndValidation", "EnterWorkflow", "EvaluateGate", "FinishDrop", "FinishRollout", "InspectDrop",
            "LeaveWorkflow", "MoveChampion", "PlanBatch", "PlanReplay", "PlanRollout", "ProfileReference", "PromoteVersion", "RegisterVersion", "RejectDrop", "RemindOfApproval",
            "ReplayBlock", "RollBackChampion", "RunValidation", "ScoreBatchChunk", "SetShadow", "ShiftTraffic", "StageDrop", "SupersedeRollout",
        ],
        Names<ActivityTriggerAttribute>());

    [Fact]
    public void Statuses_InPayloads_KeepTheirNumbers()
    {
        Assert.Equal(
            ["Registered", "Validating", "Validated", "Rejected", "RollingOut", "Champion", "Retired", "Deleted"],
            Enum.GetValues<VersionStatus>().OrderBy(status => (int)status).Select(status => status.ToString()));
        Assert.Equal(["Approve", "Reject", "Cancel", "Supersede", "RollBack"], Enum.GetValues<RolloutSignalKind>().Select(kind => kind.ToString()));
        Assert.Equal(["Done", "Unchanged", "Rejected", "Superseded", "RolledBack", "Cancelled", "Declined"], Enum.GetValues<OperationOutcome>().OrderBy(outcome => (int)outcome).Select(outcome => outcome.ToString()));
    }

    private static IEnumerable<string> Names<T>()
        where T : Attribute =>
        Durable<T>().Select(method => method.GetCustomAttribute<FunctionAttribute>()!.Name).Order(StringComparer.Ordinal);

    private static IEnumerable<MethodInfo> Durable<T>()
        where T : Attribute =>
        Assembly.Load("Modeldrop.Functions").GetTypes().SelectMany(type => type.GetMethods())
            .Where(method => method.GetParameters().Any(parameter => parameter.GetCustomAttribute<T>() is not null));

    private static IEnumerable<Type> TypesOf(MethodInfo method) =>
        method.GetParameters().Select(parameter => parameter.ParameterType).Concat(method.ReturnType.GenericTypeArguments);
}
