using Microsoft.AspNetCore.Http;
using Modeldrop.Functions.Http;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Functions.Registry;

/// <summary>Shows who did what, when and why.</summary>
public sealed class AuditFunctions(AuditTrail audit)
{
    private const int DefaultLimit = 1_000;

    /// <summary>Returns the newest entries of a period, oldest first.</summary>
    [Function(nameof(GetAudit))]
    [Answers(typeof(AuditPage))]
    public async Task<IResult> GetAudit(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/audit")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        var query = new RequestQuery(request);
        ModelName? model = query.Model("model", ModelName.FindStored);
        DateTimeOffset? from = query.Instant("from");
        DateTimeOffset? to = query.Instant("to");
        int limit = query.Number("limit", 1, AuditQuery.MaxLimit) ?? DefaultLimit;
        query.Check();
        return Answer.Json(await audit.ReadAsync(
            new AuditQuery(model, from, to, limit) { Sees = Caller.SeesIn(request) }, cancellationToken));
    }
}
