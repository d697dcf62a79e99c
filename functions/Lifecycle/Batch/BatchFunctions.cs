using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Modeldrop.Functions.Http;
using Modeldrop.Functions.Lifecycle.Operations;
using Modeldrop.Lifecycle.Batch;
using Modeldrop.Names;

namespace Modeldrop.Functions.Lifecycle.Batch;

/// <summary>Starts batches, which score files.</summary>
public sealed class BatchFunctions(BatchService batches)
{
    private sealed record BatchBody(string? Input, string? Format, JsonElement? Version, string? Result, string[]? Keep);

    [Function(nameof(ScoreBatch))]
    [Takes(typeof(BatchBody))]
    [Answers(typeof(StartedOperation), StatusCodes.Status202Accepted)]
    public async Task<IResult> ScoreBatch(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/models/{model}/batch")] HttpRequest request,
        string model,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken)
    {
        BatchBody body = await RequestBody.ReadAsync<BatchBody>(request, optional: false, cancellationToken);
        string? version = body.Version is null or { ValueKind: JsonValueKind.Null } ? null : body.Version.Value.ToString();
        var asked = new BatchRequest(body.Input, body.Format, version, body.Result, body.Keep);
        BatchInput input = await batches.CheckAsync(ModelName.Parse(model), asked, cancellationToken);
        return Answer.Accepted(
            request, await new DurableOperations(client).StartNewAsync(input.Model, OperationKind.Batch, input, cancellationToken));
    }
}
