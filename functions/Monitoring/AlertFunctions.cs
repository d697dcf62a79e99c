using Microsoft.AspNetCore.Http;
using Modeldrop.Functions.Http;
using Modeldrop.Monitoring.Alerts;

namespace Modeldrop.Functions.Monitoring;

/// <summary>Alerts, and whether they were delivered.</summary>
public sealed class AlertFunctions(AlertStore alerts)
{
    private const int DefaultPageSize = 50;
    private const int MaxPageSize = 500;

    /// <summary>Lists alerts, newest first, for all models or for one.</summary>
    [Function(nameof(ListAlerts))]
    [Answers(typeof(AlertPage))]
    public async Task<IResult> ListAlerts(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/alerts")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        var query = new RequestQuery(request);
        var asked = new AlertQuery(
            query.Number("pageSize", 1, MaxPageSize) ?? DefaultPageSize,
            query.Model("model"),
            query.Word<DeliveryStatus>("status", "one of listed, pending, delivered and dead"),
            query.Instant("from"),
            query.Instant("to"),
            query.Text("page"));
        query.Check();
        AlertPage page = await alerts.ListAsync(asked, cancellationToken);
        return Answer.Json(page.SeenBy(Caller.SeesIn(request)));
    }

    /// <summary>Sends a dead alert again.</summary>
    [Function(nameof(RedeliverAlert))]
    [Answers(typeof(Alert), StatusCodes.Status202Accepted)]
    public async Task<IResult> RedeliverAlert(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/alerts/{id}/redeliver")] HttpRequest request,
        string id,
        CancellationToken cancellationToken) =>
        Answer.Json(await alerts.ReviveAsync(id, cancellationToken), StatusCodes.Status202Accepted);
}
