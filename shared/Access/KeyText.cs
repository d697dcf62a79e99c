using System.Security.Cryptography;

namespace Modeldrop.Access;

/// <summary>The text of an API key: <c>mdk-</c>, its id, and a secret of 256 random bits, in hexadecimal digits.</summary>
/// <remarks>
/// The id finds the row. The secret is random, not chosen by a person, so that nobody can guess it from its hash: one salted HMAC is
/// enough, and a slow hash would only make each request slow.
/// </remarks>
public static class KeyText
{
    /// <summary>Characters of an id.</summary>
    public const int IdLength = 12;

    internal const int SaltBytes = 16;
    internal const int HashBytes = HMACSHA256.HashSizeInBytes;

    private const string Prefix = "mdk-";
    private const int SecretBytes = 32;
    private const int SecretStart = 4 + IdLength + 1;
    private const int Length = SecretStart + (2 * SecretBytes);

    /// <summary>A new key.</summary>
    public static (string Text, string Id) Make()
    {
        string id = RandomNumberGenerator.GetHexString(IdLength, lowercase: true);
        return ($"{Prefix}{id}-{RandomNumberGenerator.GetHexString(2 * SecretBytes, lowercase: true)}", id);
    }

    /// <summary>Whether a text has the form of a key.</summary>
    public static bool Is(ReadOnlySpan<char> text) =>
        text.Length == Length && text.StartsWith(Prefix, StringComparison.Ordinal) && text[SecretStart - 1] == '-';

    /// <param name="key">Of the form of a key.</param>
    public static ReadOnlySpan<char> IdOf(ReadOnlySpan<char> key) => key.Slice(Prefix.Length, IdLength);

    /// <summary>The hash under which a secret is stored; false: the text has other characters than a key.</summary>
    /// <param name="key">Of the form of a key.</param>
    /// <param name="hash">Gets <see cref="HashBytes"/> bytes.</param>
    internal static bool TryHash(ReadOnlySpan<char> key, ReadOnlySpan<byte> salt, Span<byte> hash)
    {
        Span<byte> secret = stackalloc byte[SecretBytes];
        return Convert.FromHexString(key[SecretStart..], secret, out _, out _) == System.Buffers.OperationStatus.Done
            && HMACSHA256.TryHashData(salt, secret, hash, out _);
    }
}
