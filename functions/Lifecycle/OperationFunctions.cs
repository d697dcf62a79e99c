using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;
using Modeldrop.Functions.Management;
using Modeldrop.Lifecycle;
using Modeldrop.Registry;

namespace Modeldrop.Functions.Lifecycle;

/// <summary>Durable operations: what runs, what ran, and ending one.</summary>
public sealed class OperationFunctions
{
    private const int DefaultPageSize = 50;
    private const int MaxPageSize = 500;

    [Function(nameof(ListOperations))]
    public async Task<IResult> ListOperations(
        [HttpTrigger(AuthorizationLevel.Admin, "get", Route = "api/operations")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken)
    {
        string? model = request.Query["model"];
        OrchestrationRuntimeStatus? status = StatusOf(request.Query["status"]);
        int pageSize = PageSizeOf(request.Query["pageSize"]);
        var query = new OrchestrationQuery(
            Statuses: status is { } only ? [only] : null,
            InstanceIdPrefix: model is null ? null : OperationId.PrefixOf(ModelName.Parse(model)),
            PageSize: pageSize,
            FetchInputsAndOutputs: true);

        await foreach (Page<OrchestrationMetadata> page in client.GetAllInstancesAsync(query).AsPages(request.Query["page"], pageSize).WithCancellation(cancellationToken))
        {
            return Answer.Json(new { operations = page.Values.Select(Operation.From).ToArray(), nextPage = page.ContinuationToken });
        }

        return Answer.Json(new { operations = Array.Empty<Operation>() });
    }

    [Function(nameof(GetOperation))]
    public async Task<IResult> GetOperation(
        [HttpTrigger(AuthorizationLevel.Admin, "get", Route = "api/operations/{id}")] HttpRequest request,
        string id,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken) =>
        Answer.Json(Operation.From(await GetAsync(client, id, cancellationToken)));

    /// <summary>Ends an operation where it stands; what it has done stays done.</summary>
    [Function(nameof(CancelOperation))]
    public async Task<IResult> CancelOperation(
        [HttpTrigger(AuthorizationLevel.Admin, "post", Route = "api/operations/{id}/cancel")] HttpRequest request,
        string id,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken)
    {
        OrchestrationMetadata operation = await GetAsync(client, id, cancellationToken);
        if (operation.IsCompleted)
        {
            throw new ServiceException(ErrorCode.OperationNotPending, $"Operation '{id}' has ended ({operation.RuntimeStatus}).");
        }

        // Its validation and its roll-out are orchestrations of their own and would go on without it.
        var options = new TerminateInstanceOptions(Output: $"Cancelled by {Caller.NameOf(request)}.", Recursive: true);
        await client.TerminateInstanceAsync(id, options, cancellationToken);
        return Answer.Accepted(request, id);
    }

    private static async Task<OrchestrationMetadata> GetAsync(DurableTaskClient client, string id, CancellationToken cancellationToken) =>
        await client.GetInstanceAsync(id, getInputsAndOutputs: true, cancellationToken)
            ?? throw new ServiceException(ErrorCode.OperationNotFound, $"There is no operation '{id}'.");

    private static OrchestrationRuntimeStatus? StatusOf(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        return Enum.TryParse(text, ignoreCase: true, out OrchestrationRuntimeStatus status) && Enum.IsDefined(status) && !char.IsDigit(text[0])
            ? status
            : throw new ServiceException(ErrorCode.InvalidRequest,
                $"'{text}' is not a status: pending, running, suspended, completed, failed or terminated.");
    }

    private static int PageSizeOf(string? text) =>
        string.IsNullOrEmpty(text) ? DefaultPageSize
        : int.TryParse(text, out int size) && size is >= 1 and <= MaxPageSize ? size
        : throw new ServiceException(ErrorCode.InvalidRequest, $"pageSize must be a number from 1 to {MaxPageSize}, not '{text}'.");
}
