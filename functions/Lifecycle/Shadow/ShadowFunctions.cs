using Microsoft.AspNetCore.Http;
using Modeldrop.Functions.Http;
using Modeldrop.Functions.Lifecycle.Operations;
using Modeldrop.Lifecycle.Shadow;
using Modeldrop.Names;

namespace Modeldrop.Functions.Lifecycle.Shadow;

/// <summary>Shadows: versions that answer logged requests afterwards, and their comparison.</summary>
public sealed class ShadowFunctions(ShadowService shadows, ShadowReports reports)
{
    private sealed record ShadowBody(int? Version, int? Percent, DateTimeOffset? From, string? Reason);

    [Function(nameof(SetModelShadow))]
    [Takes(typeof(ShadowBody))]
    [Answers(typeof(StartedOperation), StatusCodes.Status202Accepted)]
    public async Task<IResult> SetModelShadow(
        [HttpTrigger(AuthorizationLevel.Anonymous, "put", Route = "api/models/{model}/shadow")] HttpRequest request,
        string model,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken)
    {
        ShadowBody body = await RequestBody.ReadAsync<ShadowBody>(request, optional: false, cancellationToken);
        ModelName name = ModelName.Parse(model);
        int version = await shadows.CheckAsync(name, body.Version, body.Percent, cancellationToken);
        var input = new ShadowInput(name, version, body.Percent ?? 100, body.From, Caller.IdentityOf(request), body.Reason);
        return Answer.Accepted(
            request, await new DurableOperations(client).StartNewAsync(input.Model, OperationKind.Shadow, input, cancellationToken));
    }

    /// <summary>Compares the shadows, or the one of <c>?version=</c>, with the logged answers.</summary>
    [Function(nameof(GetModelShadow))]
    [Answers(typeof(ShadowReport))]
    public async Task<IResult> GetModelShadow(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/models/{model}/shadow")] HttpRequest request, string model,
        CancellationToken cancellationToken)
    {
        var query = new RequestQuery(request);
        int? version = query.Number("version", min: 1);
        query.Check();
        return Answer.Json(await reports.GetAsync(ModelName.Parse(model), version, cancellationToken));
    }

    // Two minutes after the fold, so that one instance does both.
    [Function(nameof(ScoreShadows))]
    public Task ScoreShadows([TimerTrigger("0 2-59/5 * * * *")] TimerInfo timer, CancellationToken cancellationToken) =>
        shadows.ScoreAllAsync(cancellationToken);
}
