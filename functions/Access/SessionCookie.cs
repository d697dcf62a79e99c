using Microsoft.AspNetCore.Http;

namespace Modeldrop.Functions.Access;

/// <summary>The cookie of a signed-in browser. No script can read it, and no other site can send it along.</summary>
internal static class SessionCookie
{
    private const string Name = "modeldrop-session";

    public static string? Find(HttpRequest request) => request.Cookies[Name];

    public static void Set(HttpContext http, string token, TimeSpan lasts, SameSiteMode sameSite) =>
        http.Response.Cookies.Append(Name, token, Options(http, sameSite, lasts));

    public static void Remove(HttpContext http) => http.Response.Cookies.Delete(Name, Options(http, SameSiteMode.Strict, lasts: null));

    /// <summary>Behind a TLS proxy the app itself sees plain HTTP. Callers who forge the header lock out only themselves.</summary>
    private static CookieOptions Options(HttpContext http, SameSiteMode sameSite, TimeSpan? lasts) => new()
    {
        HttpOnly = true,
        SameSite = sameSite,
        Secure = http.Request.IsHttps || http.Request.Headers["X-Forwarded-Proto"].ToString().StartsWith("https", StringComparison.Ordinal),
        Path = "/",
        MaxAge = lasts,
    };
}
