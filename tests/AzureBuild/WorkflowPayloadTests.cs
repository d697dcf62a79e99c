using System.Reflection;
using System.Text.Json;
using Modeldrop.Lifecycle;
using Modeldrop.LocalHost;
using Modeldrop.LocalHost.Durable;
using Modeldrop.Registry;

namespace Modeldrop.Tests.AzureBuild;

/// <summary>
/// Running orchestrations have stored these names, inputs and outputs: what is pinned here is never changed, it gets a V2 beside it.
/// </summary>
public sealed class WorkflowPayloadTests
{
    // As both hosts have it: names as in C#, enums as numbers.
    private static readonly JsonDataConverter Converter = new(new JsonSerializerOptions { PropertyNameCaseInsensitive = true });

    private static readonly RegisterInput Drop = new("flights/2/model.onnx", "0x8D", "anna");

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
        ["PromoteOrchestration", "RegisterOrchestration", "RollBackOrchestration", "RolloutOrchestration", "ValidateOrchestration"],
        Names<OrchestrationTriggerAttribute>());

    [Fact]
    public void Names_OfActivities_AreThoseThatRunningOrchestrationsHaveStored() => Assert.Equal(
        [
            "BeginValidation", "DecidePromotion", "EndValidation", "EnterWorkflow", "FinishDrop", "InspectDrop", "LeaveWorkflow", "MoveChampion",
            "ProfileReference", "PromoteVersion", "RegisterVersion", "RejectDrop", "RollBackChampion", "RunValidation", "StageDrop",
        ],
        Names<ActivityTriggerAttribute>());

    [Fact]
    public void Statuses_InPayloads_KeepTheirNumbers()
    {
        Assert.Equal(
            ["Registered", "Validating", "Validated", "Rejected", "RollingOut", "Champion", "Retired"],
            Enum.GetValues<VersionStatus>().OrderBy(status => (int)status).Select(status => status.ToString()));
        Assert.Equal(["Done", "Unchanged", "Rejected", "Superseded"], Enum.GetValues<OperationOutcome>().OrderBy(outcome => (int)outcome).Select(outcome => outcome.ToString()));
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
