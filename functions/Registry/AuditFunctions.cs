using Microsoft.AspNetCore.Http;
using Modeldrop.Functions.Http;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Functions.Registry;

/// <summary>Who did what, when, why.</summary>
public sealed class AuditFunctions(RegistryService registry)
{
    private sealed record AuditTrail(IReadOnlyList<AuditEntry> Entries);

    [Function(nameof(GetAudit))]
    [Answers(typeof(AuditTrail))]
    public async Task<IResult> GetAudit(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/audit")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        var query = new RequestQuery(request);
        ModelName? model = query.Model("model", ModelName.FindStored);
        DateTimeOffset? from = query.Instant("from");
        DateTimeOffset? to = query.Instant("to");
        query.Check();
        IReadOnlyList<AuditEntry> entries = await registry.ReadAuditAsync(model, from, to, cancellationToken);
        Func<ModelName, bool> sees = Caller.SeesIn(request);
        return Answer.Json(new AuditTrail([.. entries.Where(entry => sees(entry.Model))]));
    }
}
