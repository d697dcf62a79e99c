using Microsoft.AspNetCore.Http;
using Modeldrop.Functions.Management;
using Modeldrop.Registry;

namespace Modeldrop.Functions.Registry;

/// <summary>Who did what, when, why.</summary>
public sealed class AuditFunctions(RegistryService registry)
{
    [Function(nameof(GetAudit))]
    public async Task<IResult> GetAudit(
        [HttpTrigger(AuthorizationLevel.Admin, "get", Route = "api/audit")] HttpRequest request, CancellationToken cancellationToken)
    {
        string? model = request.Query["model"].FirstOrDefault();
        DateTimeOffset? from = QueryTime.Find("from", request.Query["from"]);
        DateTimeOffset? to = QueryTime.Find("to", request.Query["to"]);
        string? only = model is null or RegistryStore.UnnamedDrops ? model : ModelName.Parse(model).Value;
        return Answer.Json(new { entries = await registry.ReadAuditAsync(only, from, to, cancellationToken) });
    }
}
