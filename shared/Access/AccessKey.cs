namespace Modeldrop.Access;

/// <summary>An API key as it is stored: never its secret.</summary>
/// <param name="Id">The part of the key's text that finds it.</param>
/// <param name="Name">What it is for, or whose it is; the audit trail names it.</param>
/// <param name="ExpiresAt">Null: never.</param>
/// <param name="RevokedAt">Null: it holds.</param>
/// <param name="LastUsedAt">To some minutes; null: never.</param>
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

    /// <summary>Whether it opens anything at an instant.</summary>
    public bool HoldsAt(DateTimeOffset now) => RevokedAt is null && !(ExpiresAt <= now);
}
