using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Modeldrop.Functions.Http;

/// <summary>Who calls a management route, for the audit trail.</summary>
internal static class Caller
{
    private const string PrincipalHeader = "X-MS-CLIENT-PRINCIPAL";
    private const string PrincipalNameHeader = "X-MS-CLIENT-PRINCIPAL-NAME";
    private const string Unnamed = "admin key";
    private const int MaxNameChars = 200;

    /// <summary>The name that Entra ID vouches for, or <c>admin key</c>.</summary>
    public static string NameOf(HttpRequest request) => FindName(request) ?? Unnamed;

    /// <summary>
    /// The name that Entra ID vouches for; null for who has only a key. The platform sets these headers and strips a caller's own.
    /// </summary>
    public static string? FindName(HttpRequest request)
    {
        string? name = request.Headers[PrincipalNameHeader]
            .FirstOrDefault() ?? NameInPrincipal(request.Headers[PrincipalHeader].FirstOrDefault());
        return string.IsNullOrWhiteSpace(name) ? null : name[..Math.Min(name.Length, MaxNameChars)];
    }

    private static string? NameInPrincipal(string? encoded)
    {
        if (encoded is null)
        {
            return null;
        }

        try
        {
            using JsonDocument principal = JsonDocument.Parse(Encoding.UTF8.GetString(Convert.FromBase64String(encoded)));
            return principal.RootElement.TryGetProperty("claims", out JsonElement claims) ? NameIn(claims) : null;
        }
        catch (Exception exception) when (exception is FormatException or JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string? NameIn(JsonElement claims)
    {
        foreach (JsonElement claim in claims.EnumerateArray())
        {
            if (claim.TryGetProperty("typ", out JsonElement type) && type.GetString() is "name" or "preferred_username"
                && claim.TryGetProperty("val", out JsonElement value))
            {
                return value.GetString();
            }
        }

        return null;
    }
}
