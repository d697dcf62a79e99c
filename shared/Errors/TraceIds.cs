using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Modeldrop.Errors;

/// <summary>The id that an answer and the log share, so that a person can find one by the other.</summary>
public static class TraceIds
{
    /// <summary>Returns the id of the request's trace if tracing is on; otherwise the web server's id of the request.</summary>
    public static string Of(HttpContext http) => Activity.Current?.TraceId.ToHexString() ?? http.TraceIdentifier;
}
