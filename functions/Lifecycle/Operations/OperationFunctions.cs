using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;
using Modeldrop.Functions.Http;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Lifecycle.Rollouts;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Functions.Lifecycle.Operations;

/// <summary>Durable operations: what runs, what ran, and ending one.</summary>
public sealed class OperationFunctions(OperationCanceller canceller, WorkSlots slots, TimeProvider clock)
{
    private sealed record ApprovalBody(string? Reason);

    private sealed record CancelBody(string? Reason);

    private const int DefaultPageSize = 50;
    private const int MaxPageSize = 500;

    /// <summary>The newest first. No operation has children: orchestrations start none.</summary>
    [Function(nameof(ListOperations))]
    public async Task<IResult> ListOperations(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/operations")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken)
    {
        var asked = new RequestQuery(request);
        ModelName? model = asked.Model("model");
        OrchestrationRuntimeStatus? status = asked.Word<OrchestrationRuntimeStatus>(
            "status", "one of pending, running, suspended, completed, failed and terminated");
        int pageSize = asked.Number("pageSize", 1, MaxPageSize) ?? DefaultPageSize;
        OperationPosition? after = asked.Parse<OperationPosition>("page", "'nextPage' of an answer", OperationPosition.TryParse);
        asked.Check();
        var query = new OrchestrationQuery(
            Statuses: status is { } only ? [only] : null,
            InstanceIdPrefix: model is { } one ? OperationId.PrefixOf(one) : null,
            FetchInputsAndOutputs: true);

        (OrchestrationMetadata[] page, string? nextPage) =
            await OperationList.ReadAsync(client, query, after, pageSize, clock.GetUtcNow(), cancellationToken);
        IReadOnlyDictionary<string, int> ahead = await AheadAsync(page, cancellationToken);
        return Answer.Json(new { operations = page.Select(operation => Operation.From(operation, ahead)).ToArray(), nextPage });
    }

    [Function(nameof(GetOperation))]
    public async Task<IResult> GetOperation(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/operations/{id}")] HttpRequest request,
        string id,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken)
    {
        OrchestrationMetadata operation = await GetAsync(client, id, cancellationToken);
        return Answer.Json(Operation.From(operation, await AheadAsync([operation], cancellationToken)));
    }

    /// <summary>Lets a rollout that waits for an approval go on. The audit trail names who approved.</summary>
    [Function(nameof(ApproveOperation))]
    public Task<IResult> ApproveOperation(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/operations/{id}/approve")] HttpRequest request,
        string id,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken) =>
        AnswerApprovalAsync(request, id, RolloutSignalKind.Approve, client, cancellationToken);

    /// <summary>Ends a rollout that waits for an approval.</summary>
    [Function(nameof(RejectOperation))]
    public Task<IResult> RejectOperation(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/operations/{id}/reject")] HttpRequest request,
        string id,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken) =>
        AnswerApprovalAsync(request, id, RolloutSignalKind.Reject, client, cancellationToken);

    /// <summary>
    /// Ends an operation. A rollout gives the traffic back first; anything else ends where it stands, and what it has done stays done.
    /// </summary>
    [Function(nameof(CancelOperation))]
    public async Task<IResult> CancelOperation(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/operations/{id}/cancel")] HttpRequest request,
        string id,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken)
    {
        OrchestrationMetadata operation = await GetAsync(client, id, cancellationToken);
        if (operation.IsCompleted)
        {
            throw new ServiceException(ErrorCode.OperationNotPending, $"Operation '{id}' has ended ({operation.RuntimeStatus}).");
        }

        CancelBody body = await RequestBody.ReadAsync<CancelBody>(request, optional: true, cancellationToken);
        await canceller.CancelAsync(client, operation, Caller.IdentityOf(request), body.Reason, cancellationToken);
        return Answer.Accepted(request, id);
    }

    private static async Task<IResult> AnswerApprovalAsync(
        HttpRequest request, string id, RolloutSignalKind kind, DurableTaskClient client, CancellationToken cancellationToken)
    {
        ApprovalBody body = await RequestBody.ReadAsync<ApprovalBody>(request, optional: true, cancellationToken);
        OrchestrationMetadata operation = await GetAsync(client, id, cancellationToken);
        if (operation.IsCompleted || Operation.ProgressOf(operation)?.Rollout?.State != RolloutProgress.WaitingForApproval)
        {
            throw new ServiceException(ErrorCode.OperationNotPending, $"Operation '{id}' does not wait for an approval.");
        }

        Identity who = Caller.IdentityOf(request);
        if (kind == RolloutSignalKind.Approve
            && Operation.ProgressOf(operation)?.Rollout?.FourEyes is { } involved
            && FourEyes.Refuse(who, involved) is { } refusal)
        {
            throw new ServiceException(ErrorCode.Forbidden, refusal);
        }

        var signal = new RolloutSignal(kind, who, body.Reason);
        await client.RaiseEventAsync(id, RolloutSignal.EventName, signal, cancellationToken);
        return Answer.Accepted(request, id);
    }

    private async Task<IReadOnlyDictionary<string, int>> AheadAsync(
        IReadOnlyList<OrchestrationMetadata> operations, CancellationToken cancellationToken) =>
        operations.All(operation => operation.IsCompleted) ? new Dictionary<string, int>() : await slots.AheadAsync(cancellationToken);

    private static async Task<OrchestrationMetadata> GetAsync(DurableTaskClient client, string id, CancellationToken cancellationToken) =>
        await client.GetInstanceAsync(id, getInputsAndOutputs: true, cancellationToken)
            ?? throw new ServiceException(ErrorCode.OperationNotFound, $"There is no operation '{id}'.");
}
