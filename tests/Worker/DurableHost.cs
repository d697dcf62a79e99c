using System.Collections.Concurrent;
using Grpc.Core;
using Microsoft.DurableTask.Protobuf;

namespace Modeldrop.Tests.Worker;

/// <summary>The part of the host that durable clients call. It records the started instances and runs nothing.</summary>
internal sealed class DurableHost : TaskHubSidecarService.TaskHubSidecarServiceBase
{
    private readonly ConcurrentDictionary<string, CreateInstanceRequest> _started = new();

    /// <summary>By instance id.</summary>
    public IReadOnlyDictionary<string, CreateInstanceRequest> Started => _started;

    /// <summary>Runs before a query for an instance is answered. Its token is cancelled when the worker stops waiting.</summary>
    public Func<CancellationToken, Task> BeforeAnswer { get; set; } = _ => Task.CompletedTask;

    public override Task<CreateInstanceResponse> StartInstance(CreateInstanceRequest request, ServerCallContext context)
    {
        _started[request.InstanceId] = request;
        return Task.FromResult(new CreateInstanceResponse { InstanceId = request.InstanceId });
    }

    /// <summary>The instances to list.</summary>
    public IReadOnlyList<OrchestrationState> Instances { get; set; } = [];

    public override Task<QueryInstancesResponse> QueryInstances(QueryInstancesRequest request, ServerCallContext context) =>
        Task.FromResult(new QueryInstancesResponse
        {
            OrchestrationState = { Instances.Where(one => IsWithin(request.Query, one)).Take(request.Query.MaxInstanceCount) },
        });

    // Both ends are included, as in the engine.
    private static bool IsWithin(InstanceQuery query, OrchestrationState one) =>
        (query.CreatedTimeFrom is not { } from || one.CreatedTimestamp >= from)
        && (query.CreatedTimeTo is not { } to || one.CreatedTimestamp <= to);

    public override async Task<GetInstanceResponse> GetInstance(GetInstanceRequest request, ServerCallContext context)
    {
        await BeforeAnswer(context.CancellationToken);
        return new GetInstanceResponse { Exists = false };
    }
}
