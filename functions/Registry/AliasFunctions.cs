using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;
using Modeldrop.Functions.Http;
using Modeldrop.Lifecycle.Rollouts;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Functions.Registry;

/// <summary>The aliases of a model, and their history.</summary>
public sealed class AliasFunctions(RegistryService registry, FourEyesService fourEyes)
{
    private sealed record AliasMoves(IReadOnlyList<AliasChange> Moves);

    private sealed record AliasBody(int? Version, int? ExpectedFrom, string? Reason);

    [Function(nameof(SetAlias))]
    [Takes(typeof(AliasBody))]
    [Answers(typeof(AliasMove))]
    public async Task<IResult> SetAlias(
        [HttpTrigger(AuthorizationLevel.Anonymous, "put", Route = "api/models/{model}/aliases/{alias}")] HttpRequest request,
        string model,
        string alias,
        CancellationToken cancellationToken)
    {
        AliasBody body = await RequestBody.ReadAsync<AliasBody>(request, optional: false, cancellationToken);
        int version = body.Version ?? throw new ServiceException(
            ErrorCode.InvalidRequest, "The body must name a version: {\"version\": 3}.");
        var actor = new Actor(Caller.IdentityOf(request), body.Reason);
        await fourEyes.CheckMoveAsync(
            new VersionName(ModelName.Parse(model), version), AliasName.Parse(alias), actor.Who, cancellationToken);
        return Answer.Json(
            await registry.MoveAliasAsync(
                ModelName.Parse(model), AliasName.Parse(alias), version, body.ExpectedFrom, actor, cancellationToken));
    }

    /// <summary>Returns where the alias points; with <c>?at=</c> where it pointed at that instant.</summary>
    [Function(nameof(GetAlias))]
    [Answers(typeof(AliasEntry))]
    public async Task<IResult> GetAlias(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/models/{model}/aliases/{alias}")] HttpRequest request,
        string model,
        string alias,
        CancellationToken cancellationToken)
    {
        ModelName name = ModelName.Parse(model);
        AliasName aliasName = AliasName.Parse(alias);
        var query = new RequestQuery(request);
        DateTimeOffset? instant = query.Instant("at");
        query.Check();
        if (instant is { } at)
        {
            return Answer.Json(await registry.AliasAtAsync(name, aliasName, at, cancellationToken)
                ?? throw new ServiceException(ErrorCode.AliasNotFound, $"'{alias}' of '{model}' pointed nowhere at {query.Text("at")}."));
        }

        ModelHead head = await registry.GetAsync(name, cancellationToken);
        return head.Aliases.TryGetValue(alias, out AliasEntry? entry)
            ? Answer.Json(entry)
            : throw new ServiceException(ErrorCode.AliasNotFound, $"Model '{model}' has no alias '{alias}'.");
    }

    [Function(nameof(GetAliasHistory))]
    [Answers(typeof(AliasMoves))]
    public async Task<IResult> GetAliasHistory(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head",
            Route = "api/models/{model}/aliases/{alias}/history")] HttpRequest request,
        string model,
        string alias,
        CancellationToken cancellationToken) =>
        Answer.Json(new AliasMoves(
            await registry.AliasHistoryAsync(ModelName.Parse(model), AliasName.Parse(alias), cancellationToken)));

    [Function(nameof(DeleteAlias))]
    [Answers(null, StatusCodes.Status204NoContent)]
    public async Task<IResult> DeleteAlias(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/models/{model}/aliases/{alias}")] HttpRequest request,
        string model,
        string alias,
        CancellationToken cancellationToken)
    {
        await registry.DeleteAliasAsync(
            ModelName.Parse(model), AliasName.Parse(alias), new Actor(Caller.IdentityOf(request)), cancellationToken);
        return Results.NoContent();
    }
}
