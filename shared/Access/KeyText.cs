using System.Security.Cryptography;

namespace Modeldrop.Access;

/// <summary>The text of an API key: <c>mdk-</c>, its id, and a secret of 256 random bits, in hexadecimal digits.</summary>
/// <remarks>
/// The id finds the row. The secret is random and not chosen by a person, so it cannot be guessed from its hash: one salted HMAC is enough,
/// and a slow hash would only slow down each request.
/// </remarks>
public static class KeyText
{
    /// <summary>Number of characters of an id.</summary>
    public const int IdLength = 12;

    internal const int SaltBytes = 16;
    internal const int HashBytes = HMACSHA256.HashSizeInBytes;

    private const string Prefix = "mdk-";
    private const int SecretBytes = 32;
    private const int SecretStart = 4 + IdLength + 1;
    private const int Length = SecretStart + (2 * SecretBytes);

    /// <summary>Creates the text of a new key.</summary>
    public static (string Text, string Id) Make()
    {
        string id = RandomNumberGenerator.GetHexString(IdLength, lowercase: true);
        return ($"{Prefix}{id}-{RandomNumberGenerator.GetHexString(2 * SecretBytes, lowercase: true)}", id);
    }

    /// <summary>Whether a text has the form of a key.</summary>
    public static bool Is(ReadOnlySpan<char> text) =>
        text.Length == Length && text.StartsWith(Prefix, StringComparison.Ordinal) && text[SecretStart - 1] == '-';

    /// <param name="key">A text that has the form of a key.</param>
    public static ReadOnlySpan<char> IdOf(ReadOnlySpan<char> key) => key.Slice(Prefix.Length, IdLength);

    /// <summary>Computes the hash under which a secret is stored; false: the text contains characters that a key does not have.</summary>
    /// <param name="key">A text that has the form of a key.</param>
    /// <param name="hash">Receives <see cref="HashBytes"/> bytes.</param>
    internal static bool TryHash(ReadOnlySpan<char> key, ReadOnlySpan<byte> salt, Span<byte> hash)
    {
        Span<byte> secret = stackalloc byte[SecretBytes];
        return Convert.FromHexString(key[SecretStart..], secret, out _, out _) == System.Buffers.OperationStatus.Done
            && HMACSHA256.TryHashData(salt, secret, hash, out _);
    }
}
