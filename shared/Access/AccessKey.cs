namespace Modeldrop.Access;

/// <summary>An API key as it is stored, without its secret.</summary>
/// <param name="Id">The part of the key's text by which it is found.</param>
/// <param name="Name">The purpose or the owner of the key; the audit trail shows it.</param>
/// <param name="ExpiresAt">Null: never.</param>
/// <param name="RevokedAt">Null: it has not been revoked.</param>
/// <param name="LastUsedAt">Accurate to a few minutes; null: never.</param>
public sealed record AccessKey(
    string Id,
    string Name,
    Role Role,
    Scope Scope,
    DateTimeOffset CreatedAt,
    string CreatedBy,
    DateTimeOffset? ExpiresAt = null,
    DateTimeOffset? RevokedAt = null,
    string? RevokedBy = null,
    DateTimeOffset? LastUsedAt = null)
{
    internal byte[] Salt { get; init; } = [];

    internal byte[] Hash { get; init; } = [];

    /// <summary>Whether the key is valid at an instant.</summary>
    public bool HoldsAt(DateTimeOffset now) => RevokedAt is null && !(ExpiresAt <= now);
}
