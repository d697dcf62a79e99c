using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Modeldrop.Webhooks;

/// <summary>
/// Signs deliveries as Standard Webhooks 1.0 specifies: <c>v1,</c> and base64 of HMAC-SHA256 over <c>id.timestamp.body</c>.
/// </summary>
internal static class WebhookSignature
{
    private const string Prefix = "whsec_";

    public static string[] Split(string secrets) =>
        secrets.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>The key in a secret; null if the secret is invalid.</summary>
    public static byte[]? FindKey(string secret)
    {
        if (!secret.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return null;
        }

        byte[] key = new byte[secret.Length];
        return Convert.TryFromBase64String(secret[Prefix.Length..], key, out int bytes) && bytes is >= 24 and <= 64 ? key[..bytes] : null;
    }

    /// <summary>The header's value: one signature per key.</summary>
    public static string Sign(IEnumerable<byte[]> keys, string id, DateTimeOffset at, ReadOnlySpan<byte> body)
    {
        byte[] signed = [
            .. Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{at.ToUnixTimeSeconds()}.")), .. body];
        return string.Join(' ', keys.Select(key => $"v1,{Convert.ToBase64String(HMACSHA256.HashData(key, signed))}"));
    }
}
