using Microsoft.AspNetCore.Http;
using Modeldrop.Functions.Http;
using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Predictions.Export;

namespace Modeldrop.Functions.Predictions;

/// <summary>The prediction log as a file.</summary>
public sealed class ExportFunctions(PredictionExport export, TimeProvider clock)
{
    private static readonly TimeSpan DefaultWindow = TimeSpan.FromDays(1);

    /// <summary>
    /// Requests received in a window (by default the last day), or those with a caller's key in the last 30 days: JSON lines, CSV or an
    /// Arrow stream. An incomplete stream was interrupted by a failure.
    /// </summary>
    [Function(nameof(ExportPredictions))]
    [Answers(null, ContentType = "application/x-ndjson")]
    [Answers(null, ContentType = "text/csv")]
    [Answers(null, ContentType = "application/vnd.apache.arrow.stream")]
    public async Task ExportPredictions(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/models/{model}/predictions")] HttpRequest request,
        string model,
        CancellationToken cancellationToken)
    {
        var query = new RequestQuery(request);
        int? version = query.Number("version", min: 1);
        DateTimeOffset to = query.Instant("to") ?? clock.GetUtcNow();
        string? key = query.Text("key");
        TimeSpan window = key is null ? DefaultWindow : PredictionStore.DefaultKeyTime;
        DateTimeOffset from = query.Instant("from") ?? (to > DateTimeOffset.UnixEpoch + window ? to - window : DateTimeOffset.MinValue);
        ExportFormat format = query.Word<ExportFormat>("format", "json, csv or arrow") ?? ExportFormat.Json;
        if (from >= to)
        {
            query.Refuse("'from' must be before 'to'.");
        }

        if (key is not null && format == ExportFormat.Arrow)
        {
            query.Refuse("'key' goes with format=json or csv.");
        }

        query.Check();
        var asked = new ExportQuery(ModelName.Parse(model), version, from, to, key);
        ExportColumns columns = await export.FindColumnsAsync(asked, format, cancellationToken);
        HttpResponse response = request.HttpContext.Response;
        response.ContentType = format switch
        {
            ExportFormat.Json => "application/x-ndjson",
            ExportFormat.Csv => "text/csv; charset=utf-8",
            _ => "application/vnd.apache.arrow.stream",
        };
        await export.WriteAsync(response.Body, format, asked, columns, cancellationToken);
    }
}
