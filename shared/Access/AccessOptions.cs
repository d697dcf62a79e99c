using System.ComponentModel.DataAnnotations;

namespace Modeldrop.Access;

/// <summary>Who may do what.</summary>
public sealed class AccessOptions
{
    public const string SectionName = "Access";

    /// <summary>Shortest <see cref="OwnerKey"/>: what <c>openssl rand -hex 16</c> writes.</summary>
    public const int MinOwnerKeyChars = 32;

    /// <summary>
    /// A key with the role owner that is not stored, at least 32 characters, best of random ones: from a Key Vault, or to get in again when
    /// all keys are lost. Empty: none.
    /// </summary>
    public string OwnerKey { get; set; } = "";

    public EntraOptions Entra { get; set; } = new();

    /// <summary>
    /// Time between two looks at the keys, one transaction each: a key that another instance has revoked opens nothing after it.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.020", "00:01:00")]
    public TimeSpan RefreshInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a browser stays signed in. A working day; a stolen laptop is signed out by the next morning.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "7.00:00:00")]
    public TimeSpan SessionTime { get; set; } = TimeSpan.FromHours(8);

    /// <summary>
    /// Wrong keys that an address may send at once before it gets 429; it may send one more every six seconds. High enough for a client
    /// with an old key to be noticed, low enough to keep the log and the meter readable.
    /// </summary>
    [Range(1, 1000)]
    public int WrongKeyBurst { get; set; } = 20;
}

/// <summary>Where the app runs, as far as it decides who may come in. The program sets it.</summary>
/// <param name="LoopbackOnly">Whether only this machine can reach it. A program that does not know says false.</param>
/// <param name="MayMakeFirstKey">Whether this process makes the first key of an installation that can be reached and has none.</param>
/// <param name="BehindHost">Whether another process forwards the requests, so that the peer's address is not the caller's.</param>
public sealed record AccessHost(bool LoopbackOnly, bool MayMakeFirstKey, bool BehindHost = false)
{
    /// <summary>Whether App Service authentication is on: only then its headers are the platform's, and not the caller's own.</summary>
    public bool PlatformSignsIn { get; init; }

    /// <summary>Origins whose pages may score without a key while only this machine can reach the app.</summary>
    public IReadOnlyCollection<string> Origins { get; init; } = [];
}
