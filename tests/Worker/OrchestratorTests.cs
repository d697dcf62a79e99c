using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.DurableTask.Protobuf;
using Modeldrop.Functions.Lifecycle.Rollouts;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Lifecycle.Rollouts;
using Modeldrop.Names;
using Modeldrop.Tests.Worker.Protocol;
using OperationResult = Modeldrop.Lifecycle.Operations.OperationResult;

namespace Modeldrop.Tests.Worker;

/// <summary>Turns of an orchestrator as the host's durable extension requests them, with the history so far.</summary>
public sealed class OrchestratorTests(WorkerFixture fixture) : WorkerTests(fixture)
{
    private const string Instance = "flights~rollback~1";

    private static readonly Timestamp Begin = Timestamp.FromDateTimeOffset(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero));

    private readonly RollBackInput _input = new(ModelName.Parse("flights"), 3, "Ann", "too many errors");

    [Fact]
    public async Task FirstTurn_SchedulesTheActivity()
    {
        OrchestratorResponse turn = await TurnAsync(past: [], @new: FirstTurn());

        ScheduleTaskAction activity = Assert.Single(turn.Actions).ScheduleTask;
        Assert.Equal(nameof(RollBackActivities.RollBackChampion), activity.Name);
        Assert.Equal(
            [new RollBackVersionInput(OperationId.Parse(Instance), _input)],
            JsonSerializer.Deserialize<RollBackVersionInput[]>(activity.Input)!);
        Assert.Contains("rolling back", turn.CustomStatus, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TurnAfterTheActivity_Completes()
    {
        string result = JsonSerializer.Serialize(new MoveResult(From: 4, To: 3, Moved: true));
        var scheduled = new TaskScheduledEvent { Name = nameof(RollBackActivities.RollBackChampion) };
        var completed = new TaskCompletedEvent { TaskScheduledId = 0, Result = result };

        OrchestratorResponse turn = await TurnAsync(
            past: [.. FirstTurn(), Event(0, new HistoryEvent { TaskScheduled = scheduled })],
            @new: [Started(), Event(-1, new HistoryEvent { TaskCompleted = completed })]);

        CompleteOrchestrationAction end = Assert.Single(turn.Actions).CompleteOrchestration;
        Assert.Equal(OrchestrationStatus.Completed, end.OrchestrationStatus);
        OperationResult outcome = JsonSerializer.Deserialize<OperationResult>(end.Result)!;
        Assert.Equal((OperationOutcome.Done, 3), (outcome.Outcome, outcome.Version));
    }

    private async Task<OrchestratorResponse> TurnAsync(HistoryEvent[] past, HistoryEvent[] @new)
    {
        var request = new OrchestratorRequest { InstanceId = Instance, PastEvents = { past }, NewEvents = { @new } };

        InvocationResponse response = await Worker.InvokeAsync(
            nameof(RollBackOrchestration), new TypedData { String = request.ToByteString().ToBase64() }, Cancellation);

        Assert.Equal((StatusResult.Types.Status.Success, null), (response.Result.Status, response.Result.Exception?.Message));
        return OrchestratorResponse.Parser.ParseFrom(Convert.FromBase64String(response.ReturnValue.String));
    }

    private HistoryEvent[] FirstTurn() =>
    [
        Started(),
        Event(-1, new HistoryEvent
        {
            ExecutionStarted = new ExecutionStartedEvent
            {
                Name = nameof(RollBackOrchestration),
                Input = JsonSerializer.Serialize(_input),
                OrchestrationInstance = new OrchestrationInstance { InstanceId = Instance, ExecutionId = "1" },
            },
        }),
    ];

    private static HistoryEvent Started() => Event(-1, new HistoryEvent { OrchestratorStarted = new OrchestratorStartedEvent() });

    private static HistoryEvent Event(int id, HistoryEvent content)
    {
        content.EventId = id;
        content.Timestamp = Begin;
        return content;
    }
}
