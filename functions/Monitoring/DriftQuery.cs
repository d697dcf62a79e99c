using Microsoft.AspNetCore.Http;
using Modeldrop.Functions.Http;
using Modeldrop.Manifests;

namespace Modeldrop.Functions.Monitoring;

/// <summary>The parameters of a request about drift.</summary>
/// <param name="Version">Null: the champion.</param>
/// <param name="From">With <paramref name="To"/>: a window; null: none is requested.</param>
/// <param name="Chosen">The baseline; null: the request does not name one.</param>
internal sealed record DriftQuery(int? Version, DateTimeOffset? From, DateTimeOffset? To, DriftBaseline? Chosen)
{
    public DriftBaseline Baseline => Chosen ?? DriftBaseline.Reference;

    /// <exception cref="Errors.ServiceException"><see cref="Errors.ErrorCode.InvalidRequest"/>.</exception>
    public static DriftQuery Of(HttpRequest request)
    {
        var query = new RequestQuery(request);
        (int? version, DateTimeOffset? from, DateTimeOffset? to) = (
            query.Number("version", min: 1), query.Instant("from"), query.Instant("to"));
        if (query.Text("from") is null != query.Text("to") is null)
        {
            query.Refuse("A window needs both 'from' and 'to'.");
        }

        DriftBaseline? baseline = query.Text("baseline") is { } text ? DriftBaseline.Parse(text) : null;
        query.Check();
        return new DriftQuery(version, from, to, baseline);
    }
}
