using System.Security.Claims;
using Modeldrop.Access;

namespace Modeldrop.Functions.Access;

/// <summary>Creates a principal from the claims of an issuer.</summary>
internal static class ClaimPrincipal
{
    private const int MaxNameChars = 200;

    /// <param name="known">How the app knows the claims.</param>
    public static Principal Of(IReadOnlyCollection<Claim> claims, GrantMap map, string known)
    {
        string? person = Find(claims, "preferred_username", "upn", "email", "name", "unique_name");
        string? id = Find(claims, "oid", "http://schemas.microsoft.com/identity/claims/objectidentifier", "sub");
        string name = person ?? Find(claims, "app_displayname", "azp", "appid", "client_id") ?? id ?? "nobody";
        return new Principal(
            name[..Math.Min(name.Length, MaxNameChars)],
            person is null || Find(claims, "idtyp") == "app" ? PrincipalKind.Workload : PrincipalKind.Person,
            id is null ? known : $"{known}, {id}",
            map.Of(All(claims, "roles", ClaimTypes.Role), All(claims, "groups")));
    }

    private static string? Find(IReadOnlyCollection<Claim> claims, params string[] types) =>
        types.Select(type => claims.FirstOrDefault(claim => claim.Type == type)?.Value)
            .FirstOrDefault(value => !string.IsNullOrWhiteSpace(value));

    private static IEnumerable<string> All(IReadOnlyCollection<Claim> claims, params string[] types) =>
        claims.Where(claim => types.Contains(claim.Type)).Select(claim => claim.Value);
}
