using System.Text.Json.Serialization;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Lifecycle.Operations;

// Payloads of orchestrations and activities: running instances store them.

/// <param name="Again">Whether the version has already been decided on; then a validation leaves its status unchanged.</param>
public sealed record VersionInput(OperationId Operation, ModelName Model, int Version, Identity Actor, bool Again = false)
{
    [JsonIgnore]
    public VersionName Name => new(Model, Version);
}

/// <summary>A place in the queue of workflows for one model.</summary>
/// <param name="IsDrop">Whether the operation registers a drop, whose manifest may end the rollout in front of it.</param>
public sealed record WorkflowInput(ModelName Model, OperationId Operation, bool IsDrop);

/// <summary>A place in the line for slots.</summary>
/// <param name="Since">When the work arrived. The earlier of two waiting operations comes first.</param>
public sealed record SlotInput(SlotPool Pool, OperationId Operation, DateTimeOffset Since);
