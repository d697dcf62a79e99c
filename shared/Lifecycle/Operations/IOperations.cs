using Modeldrop.Names;

namespace Modeldrop.Lifecycle.Operations;

/// <summary>The durable operations. The engine's client comes with each invocation, so this is an argument and not a service.</summary>
public interface IOperations
{
    /// <summary>Starts an operation. An id that is known starts nothing, however its operation ended.</summary>
    /// <param name="input">What the orchestration of the id's kind takes.</param>
    Task StartAsync(OperationId id, object input, CancellationToken cancellationToken);

    /// <summary>Whether there is such an operation and it has not ended.</summary>
    Task<bool> IsRunningAsync(string id, CancellationToken cancellationToken);

    /// <summary>Sends an event to an operation; one that has ended ignores it.</summary>
    Task SignalAsync(string id, string name, object payload, CancellationToken cancellationToken);
}
