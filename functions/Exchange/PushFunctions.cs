using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;
using Modeldrop.Exchange.Push;
using Modeldrop.Functions.Http;
using Modeldrop.Functions.Lifecycle.Operations;
using Modeldrop.Functions.Registry;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Functions.Exchange;

/// <summary>Promotion to another installation: from development to test to production.</summary>
public sealed class PushFunctions(VersionFinder finder, PushTargets targets)
{
    private sealed record PushBody(string? Target, bool? Data, string? As);

    [Function(nameof(PushVersion))]
    [Takes(typeof(PushBody))]
    [Answers(typeof(StartedOperation), StatusCodes.Status202Accepted)]
    public async Task<IResult> PushVersion(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/models/{model}/versions/{version}/push")] HttpRequest request,
        string model,
        string version,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken)
    {
        PushBody body = await RequestBody.ReadAsync<PushBody>(request, optional: false, cancellationToken);
        PushTarget target = targets.Get(body.Target);
        (ModelHead head, VersionEntry entry) = await finder.FindEntryAsync(model, version, cancellationToken);
        if (!entry.Status.MayServe())
        {
            throw new ServiceException(
                ErrorCode.VersionNotReady,
                $"Version {entry.Number} of '{head.Name}' is {entry.Status}; only validated versions can be pushed.");
        }

        ModelName name = body.As is null ? head.Name : ModelName.Parse(body.As);
        var input = new PushInput(head.Name, entry.Number, target.Name, name, body.Data ?? false);
        return Answer.Accepted(
            request, await new DurableOperations(client).StartNewAsync(head.Name, OperationKind.Push, input, cancellationToken));
    }
}
