using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;
using Modeldrop.Functions.Http;
using Modeldrop.Functions.Lifecycle.Operations;
using Modeldrop.Lifecycle.Rollouts;
using Modeldrop.Names;

namespace Modeldrop.Functions.Lifecycle.Rollouts;

/// <summary>Promoting and rolling back by hand.</summary>
public sealed class PromotionFunctions(PromotionService promotion)
{
    private sealed record PromoteBody(int? Version, IReadOnlyList<int>? Steps, double? BakeMinutes, bool? Approval, string? Reason);

    private sealed record RollBackBody(JsonElement? To, string? Reason);

    [Function(nameof(PromoteModel))]
    [Takes(typeof(PromoteBody))]
    [Answers(typeof(StartedOperation), StatusCodes.Status202Accepted)]
    public async Task<IResult> PromoteModel(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/models/{model}/promote")] HttpRequest request,
        string model,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken)
    {
        PromoteBody body = await RequestBody.ReadAsync<PromoteBody>(request, optional: false, cancellationToken);
        ModelName name = ModelName.Parse(model);
        var overrides = new RolloutOverrides(body.Steps, body.BakeMinutes, body.Approval);
        int version = await promotion.CheckPromotionAsync(name, body.Version, overrides, cancellationToken);
        var input = new PromoteInput(name, version, Caller.IdentityOf(request), body.Reason, overrides);
        return Answer.Accepted(
            request, await new DurableOperations(client).StartNewAsync(input.Model, OperationKind.Promote, input, cancellationToken));
    }

    [Function(nameof(RollBackModel))]
    [Takes(typeof(RollBackBody), Optional = true)]
    [Answers(typeof(StartedOperation), StatusCodes.Status202Accepted)]
    public async Task<IResult> RollBackModel(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/models/{model}/rollback")] HttpRequest request,
        string model,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken)
    {
        RollBackBody body = await RequestBody.ReadAsync<RollBackBody>(request, optional: true, cancellationToken);
        ModelName name = ModelName.Parse(model);
        int? to = await promotion.CheckRollBackAsync(name, await TargetAsync(name, body.To, cancellationToken), cancellationToken);
        var input = new RollBackInput(name, to, Caller.IdentityOf(request), body.Reason);
        var operations = new DurableOperations(client);
        OperationId operation = await operations.StartNewAsync(input.Model, OperationKind.RollBack, input, cancellationToken);

        try
        {
            // Written at once, not when the engine's queues get to it. The write records its operation, so a second run finds it done.
            await promotion.RollBackAsync(new RollBackVersionInput(operation, input), cancellationToken);
        }
        catch (ServiceException)
        {
            // The operation tries again and reports the obstacle.
        }

        // The write that moves the champion ends a split. Its rollout need not wait for its next look to notice.
        if (await promotion.FindRolloutAsync(name, cancellationToken) is { } running)
        {
            var signal = new RolloutSignal(RolloutSignalKind.RollBack, input.Actor, input.Reason);
            await operations.SignalAsync(running, RolloutSignal.EventName, signal, cancellationToken);
        }

        return Answer.Accepted(request, operation);
    }

    /// <summary>Returns a version number, or the champion at an instant.</summary>
    private async Task<int?> TargetAsync(ModelName model, JsonElement? to, CancellationToken cancellationToken) => to switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt32(out int version) => version,
        { ValueKind: JsonValueKind.String } text when text.TryGetDateTimeOffset(out DateTimeOffset instant) => await promotion
            .ChampionAtAsync(model, instant, cancellationToken),
        _ => throw new ServiceException(
            ErrorCode.InvalidRequest, "'to' must be a version, such as 2, or an instant, such as \"2026-01-31T12:00:00Z\"."),
    };
}
