using Modeldrop.Registry;

namespace Modeldrop.Lifecycle;

/// <summary>Cleans up after operations that were terminated, or that failed before they could do so themselves.</summary>
public sealed class DeadWorkflows(WorkflowQueue queue, RegistryService registry)
{
    /// <summary>Gives the traffic of the operation's rollout back to the champion, and takes it out of the model's queue.</summary>
    /// <returns>The operation whose turn it is now, to be woken; null when none waits.</returns>
    /// <remarks>May be repeated.</remarks>
    public async Task<string?> RemoveAsync(ModelName model, string operation, CancellationToken cancellationToken)
    {
        ModelHead? head = await registry.FindAsync(model, cancellationToken);
        if (head?.Split is { } split && split.Operation == operation)
        {
            var actor = new Actor(Actor.System.Name, $"Operation {operation} has ended without ending its rollout.", operation);
            await registry.ShiftTrafficAsync(model, split.Version, percent: 0, actor, cancellationToken);
        }

        return await queue.LeaveAsync(model, operation, cancellationToken);
    }
}
