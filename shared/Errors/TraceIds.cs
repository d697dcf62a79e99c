using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Modeldrop.Errors;

/// <summary>The word that an answer and the log have in common, so that a person finds one by the other.</summary>
public static class TraceIds
{
    /// <summary>The trace that the request belongs to where somebody traces; else the web server's name for the request.</summary>
    public static string Of(HttpContext http) => Activity.Current?.TraceId.ToHexString() ?? http.TraceIdentifier;
}
