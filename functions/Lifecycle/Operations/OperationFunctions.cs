using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;
using Modeldrop.Functions.Http;
using Modeldrop.Lifecycle;
using Modeldrop.Lifecycle.Rollouts;
using Modeldrop.Registry;

namespace Modeldrop.Functions.Lifecycle.Operations;

/// <summary>Lists durable operations, and ends them.</summary>
public sealed class OperationFunctions(OperationCanceller canceller, OperationReading reading)
{
    private sealed record ApprovalBody(string? Reason);

    private sealed record OperationPage(IReadOnlyList<Operation> Operations, string? NextPage);

    private sealed record CancelBody(string? Reason);

    /// <summary>Lists the newest first. No operation has children: orchestrations start none.</summary>
    [Function(nameof(ListOperations))]
    [Answers(typeof(OperationPage))]
    public async Task<IResult> ListOperations(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/operations")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken)
    {
        (IReadOnlyList<Operation> page, string? nextPage) = await reading.ListAsync(
            client, OperationListQuery.Of(request), Caller.SeesIn(request), cancellationToken);
        return Answer.Json(new OperationPage(page, nextPage));
    }

    [Function(nameof(GetOperation))]
    [Answers(typeof(Operation))]
    public async Task<IResult> GetOperation(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/operations/{id}")] HttpRequest request,
        string id,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken)
    {
        return Answer.Json(await reading.GetAsync(client, id, cancellationToken));
    }

    /// <summary>Lets a rollout that waits for an approval continue. The audit trail names the approver.</summary>
    [Function(nameof(ApproveOperation))]
    [Takes(typeof(ApprovalBody), Optional = true)]
    [Answers(typeof(StartedOperation), StatusCodes.Status202Accepted)]
    public Task<IResult> ApproveOperation(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/operations/{id}/approve")] HttpRequest request,
        string id,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken) =>
        AnswerApprovalAsync(request, id, RolloutSignalKind.Approve, client, cancellationToken);

    /// <summary>Ends a rollout that waits for an approval.</summary>
    [Function(nameof(RejectOperation))]
    [Takes(typeof(ApprovalBody), Optional = true)]
    [Answers(typeof(StartedOperation), StatusCodes.Status202Accepted)]
    public Task<IResult> RejectOperation(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/operations/{id}/reject")] HttpRequest request,
        string id,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken) =>
        AnswerApprovalAsync(request, id, RolloutSignalKind.Reject, client, cancellationToken);

    /// <summary>
    /// Cancels an operation. A rollout returns its traffic first; any other operation ends at its present step, and finished steps are not
    /// undone.
    /// </summary>
    [Function(nameof(CancelOperation))]
    [Takes(typeof(CancelBody), Optional = true)]
    [Answers(typeof(StartedOperation), StatusCodes.Status202Accepted)]
    public async Task<IResult> CancelOperation(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/operations/{id}/cancel")] HttpRequest request,
        string id,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken)
    {
        StoredOperation operation = await OperationReading.GetStoredAsync(client, id, cancellationToken);
        if (operation.Data.IsCompleted)
        {
            throw new ServiceException(ErrorCode.OperationNotPending, $"Operation '{id}' has ended ({operation.Data.RuntimeStatus}).");
        }

        CancelBody body = await RequestBody.ReadAsync<CancelBody>(request, optional: true, cancellationToken);
        await canceller.CancelAsync(client, operation, Caller.IdentityOf(request), body.Reason, cancellationToken);
        return Answer.Accepted(request, operation.Id);
    }

    private static async Task<IResult> AnswerApprovalAsync(
        HttpRequest request, string id, RolloutSignalKind kind, DurableTaskClient client, CancellationToken cancellationToken)
    {
        ApprovalBody body = await RequestBody.ReadAsync<ApprovalBody>(request, optional: true, cancellationToken);
        StoredOperation operation = await OperationReading.GetStoredAsync(client, id, cancellationToken);
        if (operation.Data.IsCompleted || OperationReader.ProgressOf(operation.Data)?.Rollout?.State != RolloutProgress.WaitingForApproval)
        {
            throw new ServiceException(ErrorCode.OperationNotPending, $"Operation '{id}' is not waiting for an approval.");
        }

        Identity who = Caller.IdentityOf(request);
        if (kind == RolloutSignalKind.Approve
            && OperationReader.ProgressOf(operation.Data)?.Rollout?.FourEyes is { } involved
            && FourEyes.Refuse(who, involved) is { } refusal)
        {
            throw new ServiceException(ErrorCode.Forbidden, refusal);
        }

        var signal = new RolloutSignal(kind, who, body.Reason);
        await client.RaiseEventAsync(id, RolloutSignal.EventName, signal, cancellationToken);
        return Answer.Accepted(request, operation.Id);
    }
}
