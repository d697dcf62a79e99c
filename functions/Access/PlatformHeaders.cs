using System.Security.Claims;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Modeldrop.Access;

namespace Modeldrop.Functions.Access;

/// <summary>
/// The person whom App Service authentication has signed in. The headers are trusted only if the platform says that it is on: then it
/// removes such headers from callers' requests.
/// </summary>
internal static class PlatformHeaders
{
    private const string PrincipalHeader = "X-MS-CLIENT-PRINCIPAL";

    /// <summary>Null: nobody is signed in, or the header is not the platform's.</summary>
    public static Principal? Find(HttpRequest request, GrantMap map)
    {
        if (request.Headers[PrincipalHeader].FirstOrDefault() is not { } encoded)
        {
            return null;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(Encoding.UTF8.GetString(Convert.FromBase64String(encoded)));
            List<Claim> claims = [.. document.RootElement.GetProperty("claims").EnumerateArray()
                .Select(claim => new Claim(claim.GetProperty("typ").GetString()!, claim.GetProperty("val").GetString()!))];
            return ClaimPrincipal.Of(claims, map, "App Service authentication");
        }
        catch (Exception exception)
            when (exception is FormatException or JsonException or InvalidOperationException or KeyNotFoundException
                or ArgumentNullException)
        {
            return null;
        }
    }
}
