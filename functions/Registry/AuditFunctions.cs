using Microsoft.AspNetCore.Http;
using Modeldrop.Functions.Http;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Functions.Registry;

/// <summary>Who did what, when, why.</summary>
public sealed class AuditFunctions(RegistryService registry)
{
    [Function(nameof(GetAudit))]
    public async Task<IResult> GetAudit(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/audit")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        var query = new RequestQuery(request);
        string? model = query.Text("model");
        DateTimeOffset? from = query.Instant("from");
        DateTimeOffset? to = query.Instant("to");
        if (model is not (null or RegistryStore.UnnamedDrops) && ModelName.Find(model) is null)
        {
            query.Refuse($"model '{model}' is not a model name.");
        }

        query.Check();
        return Answer.Json(new { entries = await registry.ReadAuditAsync(model, from, to, cancellationToken) });
    }
}
