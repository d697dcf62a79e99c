using Microsoft.AspNetCore.Http;

namespace Modeldrop.Functions.Access;

/// <summary>Where a browser goes after it has signed in: a path of this app, never another site.</summary>
internal static class ReturnPath
{
    /// <summary>The path, or the first page for anything that could lead elsewhere.</summary>
    public static string Of(string? asked) =>
        asked is ['/', ..] && !(asked.Length > 1 && asked[1] is '/' or '\\') && !asked.Any(char.IsControl) ? asked : "/";

    /// <summary>The page to sign in, with the way back to what was asked for.</summary>
    public static string SignInFor(HttpRequest request) =>
        $"/sign-in?to={Uri.EscapeDataString(request.Path + request.QueryString)}";

    /// <summary>Whether a person waits in front of a browser: a page is asked for, with nothing to prove who asks.</summary>
    public static bool IsForPerson(HttpRequest request) =>
        RequestSource.IsRead(request)
        && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase)
        && Credential.Of(request).Kind == CredentialKind.None;
}
