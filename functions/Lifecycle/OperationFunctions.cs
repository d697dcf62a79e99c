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
        var asked = new RequestQuery(request);
        string? model = asked.Text("model");
        OrchestrationRuntimeStatus? status = asked.Parse<OrchestrationRuntimeStatus>(
            "status", "one of pending, running, suspended, completed, failed and terminated", TryParseStatus);
        int pageSize = asked.Number("pageSize", 1, MaxPageSize) ?? DefaultPageSize;
        if (model is not null && ModelName.Find(model) is null)
        {
            asked.Refuse($"model '{model}' is not a model name.");
        }

        asked.Check();
        var query = new OrchestrationQuery(
            Statuses: status is { } only ? [only] : null,
            InstanceIdPrefix: model is null ? null : OperationId.PrefixOf(ModelName.Parse(model)),
            PageSize: pageSize,
            FetchInputsAndOutputs: true);

        await foreach (Page<OrchestrationMetadata> page in client.GetAllInstancesAsync(query).AsPages(asked.Text("page"), pageSize).WithCancellation(cancellationToken))
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

    // Neither numbers nor several names, which Enum.TryParse takes too.
    private static bool TryParseStatus(string text, out OrchestrationRuntimeStatus status) =>
        Enum.TryParse(text, ignoreCase: true, out status) && Enum.IsDefined(status) && text.All(char.IsAsciiLetter);
}
