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
        (OrchestrationMetadata[] page, string? nextPage) = await OperationList.ReadAsync(
            client, query, asked.After, asked.PageSize, clock.GetUtcNow(), cancellationToken);
        IReadOnlyDictionary<string, int> ahead = await AheadAsync(page, cancellationToken);
        return (
            [.. page.Select(operation => OperationReader.Read(operation, ahead))
                .Where(operation => sees(ModelName.Find(operation.Model) ?? ModelName.Unnamed))],
            nextPage);
    }

    /// <exception cref="ServiceException"><see cref="ErrorCode.OperationNotFound"/>.</exception>
    public async Task<Operation> GetAsync(DurableTaskClient client, string id, CancellationToken cancellationToken)
    {
        OrchestrationMetadata operation = await GetMetadataAsync(client, id, cancellationToken);
        return OperationReader.Read(operation, await AheadAsync([operation], cancellationToken));
    }

    /// <summary>Returns the engine's data of an operation, with inputs and outputs.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.OperationNotFound"/>.</exception>
    internal static async Task<OrchestrationMetadata> GetMetadataAsync(
        DurableTaskClient client, string id, CancellationToken cancellationToken) =>
        await client.GetInstanceAsync(id, getInputsAndOutputs: true, cancellationToken)
            ?? throw new ServiceException(ErrorCode.OperationNotFound, $"There is no operation '{id}'.");

    private async Task<IReadOnlyDictionary<string, int>> AheadAsync(
        IReadOnlyList<OrchestrationMetadata> operations, CancellationToken cancellationToken) =>
        operations.All(operation => operation.IsCompleted) ? new Dictionary<string, int>() : await slots.AheadAsync(cancellationToken);
}
