using System.ComponentModel.DataAnnotations;

namespace Modeldrop.Access;

/// <summary>Settings for keys, sessions and tokens.</summary>
public sealed class AccessOptions
{
    public const string SectionName = "Access";

    /// <summary>Shortest <see cref="OwnerKey"/>: the length that <c>openssl rand -hex 16</c> writes.</summary>
    public const int MinOwnerKeyChars = 32;

    /// <summary>
    /// A key with the role owner that is not stored: at least 32 characters, preferably random. It comes from a Key Vault, or restores
    /// access when all keys are lost. Empty: none.
    /// </summary>
    public string OwnerKey { get; set; } = "";

    public EntraOptions Entra { get; set; } = new();

    /// <summary>
    /// Interval at which the keys are read, one transaction each time. A key that another instance has revoked is refused after it.
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

/// <summary>The facts about the program's environment that decide who gets access. The program sets them.</summary>
/// <param name="LoopbackOnly">Whether only this machine can reach the app. A program that does not know sets false.</param>
/// <param name="MayMakeFirstKey">Whether this process creates the first key of an installation that other machines can reach and that has
/// none.</param>
/// <param name="BehindHost">Whether another process forwards the requests, so that the peer's address is not the caller's.</param>
public sealed record AccessHost(bool LoopbackOnly, bool MayMakeFirstKey, bool BehindHost = false)
{
    /// <summary>
    /// Whether App Service authentication is on. Only then do its headers come from the platform and not from the caller.
    /// </summary>
    public bool PlatformSignsIn { get; init; }

    /// <summary>Origins whose pages may score without a key while only this machine can reach the app.</summary>
    public IReadOnlyCollection<string> Origins { get; init; } = [];
}
