using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;
using Modeldrop.Functions.Http;
using Modeldrop.Monitoring.Performance;
using Modeldrop.Monitoring.Reports;
using Modeldrop.Names;
using Modeldrop.Pages;

namespace Modeldrop.Functions.Monitoring;

/// <summary>How right a model was.</summary>
public sealed class PerformanceFunctions(PerformanceService performance, TimeProvider clock)
{
    private static readonly TimeSpan DefaultSpan = TimeSpan.FromDays(7);

    private enum WindowLength
    {
        Hour,
        Day,
        Week,
    }

    /// <summary>
    /// By window and version, of the last seven days unless asked for others; <c>?window=</c> cuts into hours, days or weeks,
    /// <c>?slice=</c> by the values of one or two inputs, <c>?asOf=</c> takes back what came later.
    /// </summary>
    [Function(nameof(GetPerformance))]
    public async Task<IResult> GetPerformance(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/models/{model}/performance")] HttpRequest request,
        string model,
        CancellationToken cancellationToken)
    {
        var query = new RequestQuery(request);
        int? version = query.Number("version", min: 1);
        DateTimeOffset to = query.Instant("to") ?? clock.GetUtcNow();
        DateTimeOffset from = query.Instant("from") ?? (
            to > DateTimeOffset.MinValue + DefaultSpan ? to - DefaultSpan : DateTimeOffset.MinValue);
        WindowLength? window = query.Word<WindowLength>("window", "hour, day or week");
        DateTimeOffset? asOf = query.Instant("asOf");
        query.Check();
        TimeSpan? length = window switch
        {
            WindowLength.Hour => TimeSpan.FromHours(1),
            WindowLength.Day => TimeSpan.FromDays(1),
            WindowLength.Week => TimeSpan.FromDays(7),
            _ => null,
        };
        var asked = new PerformanceQuery(version, from, to, length, SliceOf(query), asOf);
        bool isPage = ReportFormat.IsPage(request);
        PerformanceReport report = await performance.ReadAsync(ModelName.Parse(model), asked, cancellationToken);
        return isPage ? Answer.Page(HtmlPage.Render<PerformancePage, PerformanceReport>(report)) : Answer.Json(report);
    }

    /// <summary>One input, or two with a comma between.</summary>
    private static string[]? SliceOf(RequestQuery query)
    {
        string[]? inputs = query.Text("slice")?.Split(',', StringSplitOptions.TrimEntries);
        return inputs is null || (inputs.Length <= 2 && inputs.Distinct().Count() == inputs.Length && !inputs.Contains("")) ? inputs
            : throw new ServiceException(ErrorCode.InvalidRequest, "'slice' is one input, or two different ones with a comma between.");
    }
}
