using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Storage;

namespace Modeldrop.Lifecycle.Operations;

/// <summary>
/// Runs the workflows of one model one after the other, in the order of their arrival. Each model has a row with the list of its
/// operations.
/// </summary>
/// <remarks>
/// Thread-safe, and every method may be repeated. The operation at the front works; the others wait until the one that leaves wakes them.
/// An operation that dies stays in the list until <see cref="DeadWorkflows"/> removes it. Throws <see cref="ErrorCode.StoreUnavailable"/>,
/// and when many processes compete <see cref="ErrorCode.RegistryConflict"/>.
/// </remarks>
public sealed class WorkflowQueue(StorageAccount account)
{
    private readonly StoredLine<OperationId> _lines = new(account, "workflow", "the workflow queue");

    /// <summary>Appends the operation, unless it is already in the queue.</summary>
    /// <returns>Whether it is at the front, so that it is its turn.</returns>
    public async Task<bool> EnterAsync(ModelName model, OperationId operation, CancellationToken cancellationToken)
    {
        (_, IReadOnlyList<OperationId> after) = await _lines.ChangeAsync(
            model.Value, queue => queue.Contains(operation) ? queue : [.. queue, operation], cancellationToken);
        return after[0] == operation;
    }

    /// <summary>Removes the operation from the queue.</summary>
    /// <returns>
    /// The operation to wake, whose turn it is now; empty if there is none, or if the removed operation was still waiting. A repeated call
    /// returns the front again, so waking must be harmless to an operation that already works.
    /// </returns>
    public async Task<IReadOnlyList<OperationId>> LeaveAsync(ModelName model, OperationId operation, CancellationToken cancellationToken)
    {
        (IReadOnlyList<OperationId> before, IReadOnlyList<OperationId> after) = await _lines.ChangeAsync(
            model.Value, queue => [.. queue.Where(other => other != operation)], cancellationToken);
        bool waited = before.Skip(1).Contains(operation);
        return waited ? [] : [.. after.Take(1)];
    }

    /// <summary>The operations of a model in their order; the first one works.</summary>
    public Task<IReadOnlyList<OperationId>> ListAsync(ModelName model, CancellationToken cancellationToken) =>
        _lines.ReadAsync(model.Value, cancellationToken);

    /// <summary>The queues of all models that have one, by model.</summary>
    public async Task<IReadOnlyList<(
        ModelName Model, IReadOnlyList<OperationId> Operations)>> ListAllAsync(CancellationToken cancellationToken) =>
        [.. (await _lines.ListAsync(cancellationToken)).Select(line => (ModelName.Parse(line.Key), line.Line))];
}
