using System.Collections.Frozen;
using System.Security.Cryptography;

namespace Modeldrop.Access;

/// <summary>The result of checking the text of a key.</summary>
public enum KeyVerdict
{
    Valid,
    Wrong,
    Expired,
    Revoked,
}

/// <summary>A key in memory, with its principal and the time of its last use in this process.</summary>
internal sealed class LoadedKey(AccessKey key)
{
    private long _lastUse;

    public AccessKey Key { get; } = key;

    public Principal Principal { get; } = new(key.Name, PrincipalKind.Key, $"key {key.Id}", [new Grant(key.Role, key.Scope)])
    {
        KeyId = key.Id,
    };

    /// <summary>In ticks, UTC; 0: not used since the start.</summary>
    public long LastUse
    {
        get => Volatile.Read(ref _lastUse);
        set => Volatile.Write(ref _lastUse, value);
    }
}

/// <summary>All keys at an instant. Immutable, except for the times of their last use.</summary>
internal sealed class KeySnapshot
{
    private readonly FrozenDictionary<string, LoadedKey> _keys;
    private readonly FrozenDictionary<string, LoadedKey>.AlternateLookup<ReadOnlySpan<char>> _byId;

    /// <param name="before">The snapshot whose times of use are kept; null: none.</param>
    public KeySnapshot(IEnumerable<AccessKey> keys, KeySnapshot? before)
    {
        _keys = keys.ToFrozenDictionary(key => key.Id, key => new LoadedKey(key), StringComparer.Ordinal);
        Keys = _keys.Values;
        _byId = _keys.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (LoadedKey key in _keys.Values)
        {
            key.LastUse = before?.Find(key.Key.Id)?.LastUse ?? 0;
        }
    }

    public IReadOnlyCollection<LoadedKey> Keys { get; }

    public LoadedKey? Find(string id) => _keys.GetValueOrDefault(id);

    /// <summary>Checks the text of a key. Allocates nothing.</summary>
    public KeyVerdict Check(ReadOnlySpan<char> text, DateTimeOffset now, out LoadedKey? key)
    {
        key = null;
        Span<byte> hash = stackalloc byte[KeyText.HashBytes];
        if (!KeyText.Is(text)
            || !_byId.TryGetValue(KeyText.IdOf(text), out LoadedKey? found)
            || !KeyText.TryHash(text, found.Key.Salt, hash)
            || !CryptographicOperations.FixedTimeEquals(hash, found.Key.Hash))
        {
            return KeyVerdict.Wrong;
        }

        if (found.Key.RevokedAt is not null)
        {
            return KeyVerdict.Revoked;
        }

        if (!found.Key.HoldsAt(now))
        {
            return KeyVerdict.Expired;
        }

        key = found;
        return KeyVerdict.Valid;
    }
}
