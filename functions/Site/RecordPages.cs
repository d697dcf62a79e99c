using Microsoft.AspNetCore.Http;
using Modeldrop.Functions.Http;
using Modeldrop.Monitoring.Alerts;
using Modeldrop.Names;
using Modeldrop.Pages;
using Modeldrop.Registry;
using Modeldrop.Site.Alerts;
using Modeldrop.Site.Audit;
using Modeldrop.Site.Predictions;

namespace Modeldrop.Functions.Site;

/// <summary>The pages of records: predictions, alerts, the audit trail.</summary>
public sealed class RecordPages(PredictionPageService predictions, AlertStore alerts, AuditTrail audit, TimeProvider clock)
{
    private const int AlertsPerPage = 50;
    private const int MaxEntries = 500;
    private static readonly TimeSpan AuditSpan = TimeSpan.FromDays(30);

    /// <summary>Finds a request by its id, or by a key of a model.</summary>
    [Function(nameof(SearchPredictions))]
    public async Task<IResult> SearchPredictions(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "console/predictions")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        var query = new RequestQuery(request);
        if (query.Text("id") is { } id)
        {
            return Results.Redirect(PageLinks.Prediction(PredictionId.Parse(id.Trim()).ToString()));
        }

        ModelName? model = query.Text("model") is { } name ? ModelName.Parse(name) : null;
        return Answer.Page<PredictionSearchPage, PredictionSearchView>(
            await predictions.SearchAsync(query.Text("key"), model, cancellationToken));
    }

    [Function(nameof(ShowPrediction))]
    public async Task<IResult> ShowPrediction(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "console/predictions/{id}")] HttpRequest request, string id,
        CancellationToken cancellationToken) =>
        Answer.Page<PredictionPage, PredictionView>(await predictions.GetAsync(PredictionId.Parse(id), cancellationToken));

    [Function(nameof(ShowAlerts))]
    public async Task<IResult> ShowAlerts(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "console/alerts")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        var query = new RequestQuery(request);
        ModelName? model = query.Text("model") is { } name ? ModelName.Parse(name) : null;
        DeliveryStatus? status = query.Word<DeliveryStatus>("status", "one of listed, pending, delivered and dead");
        query.Check();
        AlertPage page = (await alerts.ListAsync(
                new AlertQuery(AlertsPerPage, model, status, Page: query.Text("page")), cancellationToken))
            .SeenBy(Caller.SeesIn(request));
        return Answer.Page<AlertListPage, AlertListView>(new AlertListView(page, model?.Value, status));
    }

    /// <summary>Shows the last thirty days, unless the request names others.</summary>
    [Function(nameof(ShowAudit))]
    public async Task<IResult> ShowAudit(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "console/audit")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        var query = new RequestQuery(request);
        ModelName? model = query.Model("model", ModelName.FindStored);
        DateTimeOffset to = query.Instant("to") ?? clock.GetUtcNow().AddMinutes(1);
        DateTimeOffset earliest = to > DateTimeOffset.UnixEpoch + AuditSpan ? to - AuditSpan : DateTimeOffset.UnixEpoch;
        DateTimeOffset from = query.Instant("from") ?? earliest;
        query.Check();
        AuditPage page = await audit.ReadAsync(
            new AuditQuery(model, from, to, MaxEntries) { Sees = Caller.SeesIn(request) }, cancellationToken);
        return Answer.Page<AuditTrailPage, AuditView>(new AuditView(page, model?.Value, from, to));
    }
}
