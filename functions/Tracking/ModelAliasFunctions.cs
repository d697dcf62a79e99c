using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;
using Modeldrop.Functions.Http;
using Modeldrop.Lifecycle.Rollouts;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Tracking.Answers;
using Modeldrop.Tracking.Calls;
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
    [Takes(typeof(SetModelAliasCall))]
    [Answers(typeof(EmptyAnswer))]
    public async Task<IResult> SetRegisteredModelAlias(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route)] HttpRequest request,
        CancellationToken cancellationToken)
    {
        SetModelAliasCall call = await CallFields.ReadBodyAsync<SetModelAliasCall>(request, cancellationToken);
        (ModelHead head, VersionEntry entry) = await versions.GetAsync(request, call.Version, cancellationToken);
        AliasName name = AliasName.Parse(call.Alias);
        var actor = new Actor(Caller.IdentityOf(request), "by MLflow's client");
        await fourEyes.CheckMoveAsync(new VersionName(head.Name, entry.Number), name, actor.Who, cancellationToken);
        await registry.MoveAliasAsync(head.Name, name, entry.Number, expectedFrom: null, actor, cancellationToken);
        return TrackingAnswer.Empty;
    }

    [Function(nameof(GetRegisteredModelAlias))]
    [Takes(typeof(ModelAliasCall))]
    [Answers(typeof(OneModelVersion))]
    public async Task<IResult> GetRegisteredModelAlias(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = Route)] HttpRequest request,
        CancellationToken cancellationToken)
    {
        ModelAliasCall call = CallFields.ReadQuery<ModelAliasCall>(request);
        ModelHead head = await view.GetHeadAsync(access.Check(request, call.Name), cancellationToken);

        // 400 and not 404, as in MLflow's own stores.
        VersionEntry entry = AliasName.Find(call.Alias) is { } name && head.FindAlias(name) is { } found ? found
            : throw new ServiceException(ErrorCode.InvalidRequest, $"Registered model alias {call.Alias} not found.");
        return TrackingAnswer.Json(new OneModelVersion(await view.AnswerAsync(head, entry, cancellationToken)));
    }

    [Function(nameof(DeleteRegisteredModelAlias))]
    [Takes(typeof(ModelAliasCall))]
    [Answers(typeof(EmptyAnswer))]
    public async Task<IResult> DeleteRegisteredModelAlias(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = Route)] HttpRequest request,
        CancellationToken cancellationToken)
    {
        ModelAliasCall call = await CallFields.ReadBodyAsync<ModelAliasCall>(request, cancellationToken);
        ModelHead head = await view.GetHeadAsync(access.Check(request, call.Name), cancellationToken);
        if (AliasName.Find(call.Alias) is { } name && head.Aliases.ContainsKey(call.Alias))
        {
            await registry.DeleteAliasAsync(head.Name, name, new Actor(Caller.IdentityOf(request)), cancellationToken);
        }

        return TrackingAnswer.Empty;
    }
}
