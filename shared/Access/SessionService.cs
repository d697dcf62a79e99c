using System.Security.Cryptography;
using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using Microsoft.Extensions.Options;
using Modeldrop.Storage;

namespace Modeldrop.Access;

/// <summary>
/// Signs browsers in and out. A session is a row, so a copied cookie is worthless after the sign-out, on every instance and after a
/// restart. Thread-safe.
/// </summary>
/// <remarks>A request with a session costs one point read; requests with keys cost none.</remarks>
public sealed class SessionService(StorageAccount account, KeyRing ring, IOptions<AccessOptions> options, TimeProvider clock)
{
    private const string Partition = "session";
    private const string What = "the session";
    private const int TokenBytes = 32;
    private const int MaxSwept = 100;

    private readonly TableClient _table = account.Table(TableNames.Access);

    /// <summary>Duration of a session.</summary>
    public TimeSpan Lasts => options.Value.SessionTime;

    /// <summary>Opens a session.</summary>
    /// <returns>The value of the cookie.</returns>
    public async Task<string> OpenAsync(Principal principal, CancellationToken cancellationToken)
    {
        await SweepAsync(cancellationToken);
        string token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TokenBytes));
        var row = new TableEntity(Partition, RowOf(token))
        {
            ["EndsAt"] = clock.GetUtcNow() + Lasts,
            ["KeyId"] = principal.KeyId,
            ["Name"] = principal.Name,
            ["Kind"] = principal.Kind.ToString(),
            ["Known"] = principal.Known,
            ["Grants"] = JsonSerializer.Serialize(principal.Grants.Select(
                grant => new StoredGrant(grant.Role, [.. grant.Scope.Items]))),
        };
        await StoreCall.RunAsync(What, () => _table.AddEntityAsync(row, cancellationToken));
        return token;
    }

    /// <summary>Finds the session of a cookie; null if it has ended, or if its key is no longer valid.</summary>
    public async Task<Session?> FindAsync(string token, CancellationToken cancellationToken)
    {
        if (!IsToken(token))
        {
            return null;
        }

        NullableResponse<TableEntity> found = await StoreCall.RunAsync(
            What, () => _table.GetEntityIfExistsAsync<TableEntity>(Partition, RowOf(token), cancellationToken: cancellationToken));
        return found is { HasValue: true, Value: { } row } && row.GetDateTimeOffset("EndsAt") > clock.GetUtcNow()
            && PrincipalOf(row) is { } principal
            ? new Session(principal, CsrfOf(token))
            : null;
    }

    /// <summary>Signs the browser out. Safe to repeat.</summary>
    public Task EndAsync(string token, CancellationToken cancellationToken) => StoreCall.RunAsync(
        What, () => _table.DeleteEntityAsync(Partition, RowOf(token), ETag.All, cancellationToken));

    private static bool IsToken(string text) => text.Length == 2 * TokenBytes && text.All(char.IsAsciiHexDigitLower);

    /// <summary>The cookie itself is not stored, so nobody can sign in with the content of the table.</summary>
    private static string RowOf(string token) => Convert.ToHexStringLower(SHA256.HashData(Convert.FromHexString(token)));

    /// <summary>Derived from the cookie, which pages of other sites cannot read.</summary>
    private static string CsrfOf(string token) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Convert.FromHexString(token), "modeldrop-csrf"u8));

    /// <summary>Uses the key's present rights: a right that a key loses is also lost by its sessions.</summary>
    private Principal? PrincipalOf(TableEntity row)
    {
        if (row.GetString("KeyId") is { } key)
        {
            return ring.Find(key) is { } holder ? holder with { Known = $"session of {holder.Known}" } : null;
        }

        StoredGrant[] grants = JsonSerializer.Deserialize<StoredGrant[]>(row.GetString("Grants")) ?? [];
        return new Principal(
            row.GetString("Name"), Enum.Parse<PrincipalKind>(row.GetString("Kind")), $"session of {row.GetString("Known")}",
            [.. grants.Select(grant => new Grant(grant.Role, Scope.Parse(grant.Scope, [])))]);
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        string ended = TableClient.CreateQueryFilter($"PartitionKey eq {Partition} and EndsAt lt {clock.GetUtcNow()}");
        AsyncPageable<TableEntity> rows = _table.QueryAsync<TableEntity>(
            ended, MaxSwept, [nameof(TableEntity.RowKey)], cancellationToken);
        await foreach (TableEntity row in StoreCall.EnumerateAsync(What, rows, cancellationToken).Take(MaxSwept))
        {
            await StoreCall.RunAsync(What, () => _table.DeleteEntityAsync(Partition, row.RowKey, ETag.All, cancellationToken));
        }
    }

    private sealed record StoredGrant(Role Role, string[] Scope);
}
