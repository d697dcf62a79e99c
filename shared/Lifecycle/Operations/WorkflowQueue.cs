using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Storage;

namespace Modeldrop.Lifecycle.Operations;

/// <summary>
/// Lets the workflows of one model run one after the other, in the order in which they came: a row a model, its operations in a list.
/// </summary>
/// <remarks>
/// Thread-safe, and every method may be repeated. The operation at the front works; the others wait until the one that leaves wakes
/// them. An operation that dies stays in the list: <see cref="DeadWorkflows"/> removes it.
/// Throws <see cref="ErrorCode.StoreUnavailable"/>, and under a crowd of processes <see cref="ErrorCode.RegistryConflict"/>.
/// </remarks>
public sealed class WorkflowQueue(StorageAccount account)
{
    private readonly StoredLine<string> _lines = new(account, "workflow", "the workflow queue");

    /// <summary>Puts the operation at the end, unless it is in the queue already.</summary>
    /// <returns>Whether it is at the front: its turn.</returns>
    public async Task<bool> EnterAsync(ModelName model, string operation, CancellationToken cancellationToken)
    {
        (_, IReadOnlyList<string> after) = await _lines.ChangeAsync(
            model.Value, queue => queue.Contains(operation) ? queue : [.. queue, operation], cancellationToken);
        return after[0] == operation;
    }

    /// <summary>Takes the operation out of the queue.</summary>
    /// <returns>
    /// The operation whose turn it is now, to be woken; null when there is none, or when the one that left was still waiting. A repeated
    /// call names the front once more, so waking must be harmless to one that works already.
    /// </returns>
    public async Task<string?> LeaveAsync(ModelName model, string operation, CancellationToken cancellationToken)
    {
        (IReadOnlyList<string> before, IReadOnlyList<string> after) = await _lines.ChangeAsync(
            model.Value, queue => [.. queue.Where(other => other != operation)], cancellationToken);
        bool waited = before.Skip(1).Contains(operation);
        return waited || after.Count == 0 ? null : after[0];
    }

    /// <summary>The operations of a model in their order; the first one works.</summary>
    public Task<IReadOnlyList<string>> ListAsync(ModelName model, CancellationToken cancellationToken) =>
        _lines.ReadAsync(model.Value, cancellationToken);

    /// <summary>The queues of all models that have one, by model.</summary>
    public async Task<IReadOnlyList<(
        ModelName Model, IReadOnlyList<string> Operations)>> ListAllAsync(CancellationToken cancellationToken) =>
        [.. (await _lines.ListAsync(cancellationToken)).Select(line => (ModelName.Parse(line.Key), line.Line))];
}
