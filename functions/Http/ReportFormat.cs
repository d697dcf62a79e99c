using Microsoft.AspNetCore.Http;

namespace Modeldrop.Functions.Http;

/// <summary>The format of a report: <c>?format=json</c> (the default), or <c>html</c>.</summary>
internal static class ReportFormat
{
    /// <exception cref="Modeldrop.Errors.ServiceException">
    /// <see cref="Modeldrop.Errors.ErrorCode.InvalidRequest"/> for another format.
    /// </exception>
    public static bool IsPage(HttpRequest request)
    {
        var query = new RequestQuery(request);
        string format = query.Text("format") ?? "json";
        if (format is not ("json" or "html"))
        {
            query.Refuse($"format must be json or html, not '{format}'.");
        }

        query.Check();
        return format == "html";
    }
}
