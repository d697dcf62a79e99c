using Modeldrop.Names;

namespace Modeldrop.Lifecycle.Operations;

/// <summary>The durable operations. The engine's client comes with each invocation, so this is an argument and not a service.</summary>
public interface IOperations
{
    /// <summary>Starts an operation. If the id is already known, nothing starts, however that operation ended.</summary>
    /// <param name="input">The input of the orchestration that belongs to the id's kind.</param>
    Task StartAsync(OperationId id, object input, CancellationToken cancellationToken);

    /// <summary>Whether the operation exists and has not ended.</summary>
    Task<bool> IsRunningAsync(OperationId id, CancellationToken cancellationToken);

    /// <summary>Sends an event to an operation. An operation that has ended ignores it.</summary>
    Task SignalAsync(OperationId id, string name, object payload, CancellationToken cancellationToken);
}
