using Modeldrop.Errors;
using Modeldrop.Lifecycle;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Names;

namespace Modeldrop.Functions.Lifecycle.Operations;

/// <summary>Finds operations in the engine's store.</summary>
public sealed class OperationReading(WorkSlots slots, TimeProvider clock)
{
    /// <summary>Lists the newest first. No operation has children: orchestrations start none.</summary>
    /// <param name="sees">Returns whether the reader may see a model. Hidden models make the page shorter.</param>
    /// <returns>A page, and the token of the next one; null if there is none.</returns>
    internal async Task<(IReadOnlyList<Operation> Operations, string? NextPage)> ListAsync(
        DurableTaskClient client, OperationListQuery asked, Func<ModelName, bool> sees, CancellationToken cancellationToken)
    {
        var query = new OrchestrationQuery(
            Statuses: asked.Status is { } only ? [only] : null,
            InstanceIdPrefix: asked.Model is { } model ? OperationId.PrefixOf(model) : null,
            FetchInputsAndOutputs: true);
        (IReadOnlyList<StoredOperation> page, string? nextPage) = await OperationList.ReadAsync(
            client, query, asked.After, asked.PageSize, clock.GetUtcNow(), cancellationToken);
        IReadOnlyDictionary<OperationId, int> ahead = await AheadAsync(page, cancellationToken);
        return (
            [.. page.Where(operation => sees(operation.Id.Model))
                .Select(operation => OperationReader.Read(operation.Id, operation.Data, ahead))],
            nextPage);
    }

    /// <exception cref="ServiceException"><see cref="ErrorCode.OperationNotFound"/>.</exception>
    public async Task<Operation> GetAsync(DurableTaskClient client, string id, CancellationToken cancellationToken)
    {
        StoredOperation operation = await GetStoredAsync(client, id, cancellationToken);
        return OperationReader.Read(operation.Id, operation.Data, await AheadAsync([operation], cancellationToken));
    }

    /// <exception cref="ServiceException"><see cref="ErrorCode.OperationNotFound"/>.</exception>
    internal static async Task<StoredOperation> GetStoredAsync(DurableTaskClient client, string id, CancellationToken cancellationToken)
    {
        var operation = OperationId.Parse(id);
        return await client.GetInstanceAsync(id, getInputsAndOutputs: true, cancellationToken) is { } data
            ? new StoredOperation(operation, data)
            : throw OperationId.NotFound(id);
    }

    private async Task<IReadOnlyDictionary<OperationId, int>> AheadAsync(
        IReadOnlyList<StoredOperation> operations, CancellationToken cancellationToken) =>
        operations.All(operation => operation.Data.IsCompleted)
            ? new Dictionary<OperationId, int>()
            : await slots.AheadAsync(cancellationToken);
}
