using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;
using Modeldrop.Functions.Http;
using Modeldrop.Monitoring.Performance;

namespace Modeldrop.Functions.Monitoring;

/// <summary>Reads the parameters of a request about performance; by default the last seven days.</summary>
internal static class PerformanceRequest
{
    private static readonly TimeSpan DefaultSpan = TimeSpan.FromDays(7);

    private enum WindowLength
    {
        Hour,
        Day,
        Week,
    }

    /// <exception cref="ServiceException"><see cref="ErrorCode.InvalidRequest"/>.</exception>
    public static PerformanceQuery Of(HttpRequest request, DateTimeOffset now)
    {
        var query = new RequestQuery(request);
        int? version = query.Number("version", min: 1);
        DateTimeOffset to = query.Instant("to") ?? now;
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
        return new PerformanceQuery(version, from, to, length, SliceOf(query), asOf);
    }

    /// <summary>One input, or two separated by a comma.</summary>
    private static string[]? SliceOf(RequestQuery query)
    {
        string[]? inputs = query.Text("slice")?.Split(',', StringSplitOptions.TrimEntries);
        return inputs is null || (inputs.Length <= 2 && inputs.Distinct().Count() == inputs.Length && !inputs.Contains("")) ? inputs
            : throw new ServiceException(ErrorCode.InvalidRequest, "'slice' is one input, or two different ones separated by a comma.");
    }
}
