using Microsoft.AspNetCore.Http;
using Modeldrop.Functions.Management;
using Modeldrop.Lifecycle;
using Modeldrop.Registry;

namespace Modeldrop.Functions.Lifecycle;

/// <summary>Promoting and rolling back by hand.</summary>
public sealed class PromotionFunctions(PromotionService promotion, OperationStarter operations)
{
    private sealed record PromoteBody(int? Version, string? Reason);

    private sealed record RollBackBody(int? To, string? Reason);

    [Function(nameof(PromoteModel))]
    public async Task<IResult> PromoteModel(
        [HttpTrigger(AuthorizationLevel.Admin, "post", Route = "api/models/{model}/promote")] HttpRequest request,
        string model,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken)
    {
        PromoteBody body = await RequestBody.ReadAsync<PromoteBody>(request, optional: false, cancellationToken);
        int version = await promotion.CheckPromotionAsync(ModelName.Parse(model), body.Version, cancellationToken);
        var input = new PromoteInput(model, version, Caller.NameOf(request), body.Reason);
        return Answer.Accepted(request, await operations.StartPromoteAsync(client, input, cancellationToken));
    }

    [Function(nameof(RollBackModel))]
    public async Task<IResult> RollBackModel(
        [HttpTrigger(AuthorizationLevel.Admin, "post", Route = "api/models/{model}/rollback")] HttpRequest request,
        string model,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken)
    {
        RollBackBody body = await RequestBody.ReadAsync<RollBackBody>(request, optional: true, cancellationToken);
        await promotion.CheckRollBackAsync(ModelName.Parse(model), body.To, cancellationToken);
        var input = new RollBackInput(model, body.To, Caller.NameOf(request), body.Reason);
        return Answer.Accepted(request, await operations.StartRollBackAsync(client, input, cancellationToken));
    }
}
