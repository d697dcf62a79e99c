namespace Modeldrop.LocalHost.Durable;

/// <summary>The instance id is in use by an instance that has not finished.</summary>
/// <remarks>Internal: its counterpart in Azure depends on the package version, so function code must not name it.</remarks>
internal sealed class OrchestrationAlreadyExistsException(string instanceId, OrchestrationRuntimeStatus status)
    : InvalidOperationException($"An orchestration instance with id '{instanceId}' exists and is {status}.")
{
    public string InstanceId { get; } = instanceId;
}
