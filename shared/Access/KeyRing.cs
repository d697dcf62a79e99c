using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace Modeldrop.Access;

/// <summary>The keys in memory, against which requests are checked. Follows the store. Thread-safe.</summary>
public sealed class KeyRing : IDisposable
{
    private const string SettingId = "setting";

    private readonly KeyStore _store;
    private readonly AccessHost _host;
    private readonly TimeProvider _clock;
    private readonly byte[] _ownerSalt = RandomNumberGenerator.GetBytes(KeyText.SaltBytes);
    private readonly byte[]? _ownerHash;
    private readonly Principal? _owner;
    private readonly bool _takesTokens;
    private readonly SemaphoreSlim _refreshing = new(1, 1);
    private volatile KeySnapshot? _current;

    internal KeyRing(KeyStore store, AccessHost host, IOptions<AccessOptions> options, TimeProvider clock)
    {
        _store = store;
        _host = host;
        _clock = clock;
        _takesTokens = options.Value.Entra.Authority.Length > 0;
        if (options.Value.OwnerKey is { Length: > 0 } owner)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(owner);
            _ownerHash = HMACSHA256.HashData(_ownerSalt, bytes);

            // Another key in the setting has another id, so that sessions of the old key end with it.
            string id = $"{SettingId}-{Convert.ToHexStringLower(SHA256.HashData(bytes))}";
            _owner = new Principal("owner", PrincipalKind.Key, "setting Access__OwnerKey", [new Grant(Role.Owner, Scope.All)])
            {
                KeyId = id,
            };
        }
    }

    /// <summary>Whether requests need no key: only this machine can reach the app, and there has never been a key.</summary>
    /// <remarks>Needs <see cref="EnsureLoadedAsync"/>.</remarks>
    public bool IsOpen => _host.LoopbackOnly && !IsSetUp && _current is { Keys.Count: 0 };

    /// <summary>Whether settings give access to an owner or to people of an issuer, so that no first key is needed.</summary>
    internal bool IsSetUp => _owner is not null || _takesTokens;

    /// <summary>Whether an owner has access without a stored key.</summary>
    internal bool HasOwnerSetting => _owner is not null;

    /// <summary>Reads the keys unless they have been read since the start.</summary>
    /// <exception cref="Errors.ServiceException"><see cref="Errors.ErrorCode.StoreUnavailable"/>.</exception>
    public ValueTask EnsureLoadedAsync(CancellationToken cancellationToken) =>
        _current is not null ? ValueTask.CompletedTask : new ValueTask(RefreshAsync(force: false, cancellationToken));

    /// <summary>Checks the text of a key. Makes no call to the store, and no allocation for a stored key.</summary>
    /// <remarks>Needs <see cref="EnsureLoadedAsync"/>: before that, every stored key is wrong.</remarks>
    public KeyVerdict Check(ReadOnlySpan<char> text, out Principal? principal)
    {
        DateTimeOffset now = _clock.GetUtcNow();
        LoadedKey? key = null;
        KeyVerdict verdict = _current?.Check(text, now, out key) ?? KeyVerdict.Wrong;
        principal = key?.Principal;
        if (key is not null)
        {
            key.LastUse = now.UtcTicks;
        }
        else if (verdict == KeyVerdict.Wrong && IsOwner(text))
        {
            principal = _owner;
            return KeyVerdict.Valid;
        }

        return verdict;
    }

    /// <summary>
    /// Returns the principal of a valid key; null if the key was revoked, has expired, or does not belong to this installation.
    /// </summary>
    public Principal? Find(string id) =>
        _owner?.KeyId == id ? _owner
        : _current?.Find(id) is { } key && key.Key.HoldsAt(_clock.GetUtcNow()) ? key.Principal
        : null;

    public void Dispose() => _refreshing.Dispose();

    /// <summary>Reads the keys again.</summary>
    internal Task RefreshAsync(CancellationToken cancellationToken) => RefreshAsync(force: true, cancellationToken);

    /// <summary>Keys that were used more than the given time after the last use in the store.</summary>
    internal IReadOnlyList<(string Id, DateTimeOffset At)> Used(TimeSpan sinceKnown) =>
    [
        .. from key in _current?.Keys ?? []
           where key.LastUse > (key.Key.LastUsedAt?.UtcTicks ?? 0) + sinceKnown.Ticks
           select (key.Key.Id, new DateTimeOffset(key.LastUse, TimeSpan.Zero)),
    ];

    private async Task RefreshAsync(bool force, CancellationToken cancellationToken)
    {
        await _refreshing.WaitAsync(cancellationToken);
        try
        {
            if (force || _current is null)
            {
                _current = new KeySnapshot(await _store.ListAsync(cancellationToken), _current);
            }
        }
        finally
        {
            _refreshing.Release();
        }
    }

    private bool IsOwner(ReadOnlySpan<char> text)
    {
        if (_ownerHash is null)
        {
            return false;
        }

        byte[] bytes = new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        Span<byte> hash = stackalloc byte[KeyText.HashBytes];
        HMACSHA256.HashData(_ownerSalt, bytes.AsSpan(0, Encoding.UTF8.GetBytes(text, bytes)), hash);
        return CryptographicOperations.FixedTimeEquals(hash, _ownerHash);
    }
}
