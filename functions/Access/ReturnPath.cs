using Microsoft.AspNetCore.Http;

namespace Modeldrop.Functions.Access;

/// <summary>The page to open after a sign-in: a path of this app, never another site.</summary>
internal static class ReturnPath
{
    /// <summary>Returns the path, or the first page for anything that could lead elsewhere.</summary>
    public static string Of(string? asked) =>
        asked is ['/', ..] && !(asked.Length > 1 && asked[1] is '/' or '\\') && !asked.Any(char.IsControl) ? asked : "/";

    /// <summary>Returns the address of the sign-in page, with the requested page to return to.</summary>
    public static string SignInFor(HttpRequest request) =>
        $"/sign-in?to={Uri.EscapeDataString(request.Path + request.QueryString)}";

    /// <summary>Whether a person uses a browser: the request is for a page and has no credential.</summary>
    public static bool IsForPerson(HttpRequest request) =>
        RequestSource.IsRead(request)
        && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase)
        && Credential.Of(request).Kind == CredentialKind.None;
}
