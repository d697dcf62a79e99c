using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;
using Modeldrop.Functions.Http;
using Modeldrop.Lifecycle.Rollouts;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Tracking.Answers;
using Modeldrop.Tracking.Models;
using Modeldrop.Tracking.Protocol;

namespace Modeldrop.Functions.Tracking;

/// <summary>Aliases, as MLflow's client sets and reads them.</summary>
public sealed class ModelAliasFunctions(
    RegistryService registry, RegistryView view, VersionFields versions, TrackingAccess access, FourEyesService fourEyes)
{
    private const string Route = "api/2.0/mlflow/registered-models/alias";

    /// <summary>
    /// Moves the alias. Moving <c>champion</c> promotes the version at once: it must have passed its validation, and the four-eyes rule
    /// applies.
    /// </summary>
    [Function(nameof(SetRegisteredModelAlias))]
    [Answers(typeof(EmptyAnswer))]
    public async Task<IResult> SetRegisteredModelAlias(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route)] HttpRequest request,
        CancellationToken cancellationToken)
    {
        CallFields fields = await CallFields.OfBodyAsync(request, cancellationToken);
        string alias = fields.Required("alias");
        (ModelHead head, VersionEntry entry) = await versions.GetAsync(request, fields, cancellationToken);
        AliasName name = AliasName.Parse(alias);
        var actor = new Actor(Caller.IdentityOf(request), "by MLflow's client");
        await fourEyes.CheckMoveAsync(new VersionName(head.Name, entry.Number), name, actor.Who, cancellationToken);
        await registry.MoveAliasAsync(head.Name, name, entry.Number, expectedFrom: null, actor, cancellationToken);
        return TrackingAnswer.Empty;
    }

    [Function(nameof(GetRegisteredModelAlias))]
    [Answers(typeof(OneModelVersion))]
    public async Task<IResult> GetRegisteredModelAlias(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = Route)] HttpRequest request,
        CancellationToken cancellationToken)
    {
        (ModelHead head, string alias) = await ReadAsync(request, CallFields.OfQuery(request), cancellationToken);

        // 400 and not 404, as in MLflow's own stores.
        VersionEntry entry = AliasName.Find(alias) is { } name && head.FindAlias(name) is { } found ? found
            : throw new ServiceException(ErrorCode.InvalidRequest, $"Registered model alias {alias} not found.");
        return TrackingAnswer.Json(new OneModelVersion(await view.AnswerAsync(head, entry, cancellationToken)));
    }

    [Function(nameof(DeleteRegisteredModelAlias))]
    [Answers(typeof(EmptyAnswer))]
    public async Task<IResult> DeleteRegisteredModelAlias(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = Route)] HttpRequest request,
        CancellationToken cancellationToken)
    {
        (ModelHead head, string alias) = await ReadAsync(
            request, await CallFields.OfBodyAsync(request, cancellationToken), cancellationToken);
        if (AliasName.Find(alias) is { } name && head.Aliases.ContainsKey(alias))
        {
            await registry.DeleteAliasAsync(head.Name, name, new Actor(Caller.IdentityOf(request)), cancellationToken);
        }

        return TrackingAnswer.Empty;
    }

    private async Task<(ModelHead Head, string Alias)> ReadAsync(
        HttpRequest request, CallFields fields, CancellationToken cancellationToken)
    {
        string name = fields.Required("name");
        string alias = fields.Required("alias");
        fields.Check();
        return (await view.GetHeadAsync(access.Check(request, name), cancellationToken), alias);
    }
}
