using System.Security.Cryptography;
using Modeldrop.Errors;

namespace Modeldrop.Access;

/// <summary>A request for a new key.</summary>
public sealed record NewKey(string? Name, string? Role, IReadOnlyList<string>? Scope, DateTimeOffset? ExpiresAt);

/// <summary>Creates and revokes API keys.</summary>
public sealed class KeyService
{
    private const int MaxKeys = 1000;
    private const int MaxNameChars = 100;

    private readonly KeyStore _store;
    private readonly KeyRing _ring;
    private readonly TimeProvider _clock;

    internal KeyService(KeyStore store, KeyRing ring, TimeProvider clock)
    {
        _store = store;
        _ring = ring;
        _clock = clock;
    }

    /// <summary>Lists all keys, the newest first, including expired and revoked ones.</summary>
    public async Task<IReadOnlyList<AccessKey>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await _store.ListAsync(cancellationToken)).OrderByDescending(key => key.CreatedAt)];

    /// <summary>Creates a key. This process accepts it at once, others after <see cref="AccessOptions.RefreshInterval"/>.</summary>
    /// <returns>The key's text, which cannot be read again, and the stored key.</returns>
    /// <exception cref="ServiceException"><see cref="ErrorCode.InvalidRequest"/> with all violations.</exception>
    public async Task<(string Text, AccessKey Key)> CreateAsync(NewKey wanted, string by, CancellationToken cancellationToken)
    {
        List<string> violations = [];
        DateTimeOffset now = _clock.GetUtcNow();
        string name = wanted.Name?.Trim() ?? "";
        if (name.Length is 0 or > MaxNameChars || name.Any(char.IsControl))
        {
            violations.Add($"'name' must say what the key is for, in at most {MaxNameChars} characters.");
        }

        Role? role = RoleTable.Find(wanted.Role ?? "");
        if (role is null)
        {
            violations.Add("'role' must be viewer, scorer, publisher, approver or owner.");
        }

        var scope = Scope.Parse(wanted.Scope, violations);
        if (role == Role.Owner && !scope.IsAll)
        {
            violations.Add("An owner's key is for the whole installation: leave 'scope' out.");
        }

        if (wanted.ExpiresAt <= now)
        {
            violations.Add("'expiresAt' must lie in the future.");
        }

        IReadOnlyList<AccessKey> known = await _store.ListAsync(cancellationToken);
        if (_ring.IsOpen && known.Count == 0 && (role != Role.Owner || wanted.ExpiresAt is not null))
        {
            violations.Add("The first key must be an owner's key that does not expire: from then on every request needs a key.");
        }

        if (known.Count >= MaxKeys)
        {
            violations.Add($"There are {MaxKeys} keys, revoked ones included, which is the limit.");
        }

        if (violations.Count > 0)
        {
            throw new ServiceException(ErrorCode.InvalidRequest, violations);
        }

        (string text, AccessKey key) = Make(name, role!.Value, scope, now, by, wanted.ExpiresAt);
        await _store.AddAsync(key, cancellationToken);
        await _ring.RefreshAsync(cancellationToken);
        return (text, key);
    }

    /// <summary>Revokes a key. This process refuses it at once, others after <see cref="AccessOptions.RefreshInterval"/>.</summary>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.KeyNotFound"/>; <see cref="ErrorCode.InvalidRequest"/> for the last key that allows everything.
    /// </exception>
    public async Task<AccessKey> RevokeAsync(string id, string by, CancellationToken cancellationToken)
    {
        IReadOnlyList<AccessKey> known = await _store.ListAsync(cancellationToken);
        AccessKey key = known.FirstOrDefault(candidate => candidate.Id == id)
            ?? throw new ServiceException(ErrorCode.KeyNotFound, $"There is no key '{id}'.");
        if (key.RevokedAt is not null)
        {
            return key;
        }

        DateTimeOffset now = _clock.GetUtcNow();
        bool isLast = key.Role == Role.Owner && key.HoldsAt(now)
            && !known.Any(other => other.Id != id && other is { Role: Role.Owner, ExpiresAt: null } && other.HoldsAt(now));
        if (isLast && !_ring.HasOwnerSetting)
        {
            throw new ServiceException(ErrorCode.InvalidRequest,
                "This is the last owner's key that does not expire. Create another one first, or set Access__OwnerKey.");
        }

        await _store.RevokeAsync(key, now, by, cancellationToken);
        await _ring.RefreshAsync(cancellationToken);
        return key with { RevokedAt = now, RevokedBy = by };
    }

    /// <summary>Creates the owner's key of an installation that has never had a key.</summary>
    /// <returns>Null: there has been a key before, or another process was first.</returns>
    internal async Task<string?> CreateFirstAsync(CancellationToken cancellationToken)
    {
        (string text, AccessKey key) = Make("first owner", Role.Owner, Scope.All, _clock.GetUtcNow(), "system", expiresAt: null);
        if (!await _store.TryAddFirstAsync(key, cancellationToken))
        {
            return null;
        }

        await _ring.RefreshAsync(cancellationToken);
        return text;
    }

    private static (string Text, AccessKey Key) Make(
        string name, Role role, Scope scope, DateTimeOffset now, string by, DateTimeOffset? expiresAt)
    {
        (string text, string id) = KeyText.Make();
        byte[] salt = RandomNumberGenerator.GetBytes(KeyText.SaltBytes);
        byte[] hash = new byte[KeyText.HashBytes];
        KeyText.TryHash(text, salt, hash);
        return (text, new AccessKey(id, name, role, scope, now, by, expiresAt) { Salt = salt, Hash = hash });
    }
}
