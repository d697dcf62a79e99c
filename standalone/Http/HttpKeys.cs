using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Modeldrop.Standalone.Http;

/// <summary>
/// The keys of the host: <c>Host:Keys:Function</c> and <c>Host:Keys:Admin</c>. With neither, everything is open, as the host
/// listens on the loopback address only; with one of them, what needs the other is shut.
/// </summary>
internal sealed class HttpKeys
{
    private const string Header = "x-functions-key";
    private const string Query = "code";

    private readonly byte[]? _function;
    private readonly byte[]? _admin;

    public HttpKeys(IConfiguration configuration)
    {
        _function = Hash(configuration["Host:Keys:Function"]);
        _admin = Hash(configuration["Host:Keys:Admin"]);
    }

    public bool Opens(HttpRequest request, AuthorizationLevel level)
    {
        if (level == AuthorizationLevel.Anonymous || (_function is null && _admin is null))
        {
            return true;
        }

        string? key = request.Headers.TryGetValue(Header, out var header) ? header.ToString() : request.Query[Query].ToString();
        byte[]? hash = Hash(key);
        return hash is not null && (Equal(hash, _admin) | (level == AuthorizationLevel.Function && Equal(hash, _function)));
    }

    // Hashes have one length, so the comparison takes the same time for every key.
    private static byte[]? Hash(string? key) => string.IsNullOrEmpty(key) ? null : SHA256.HashData(Encoding.UTF8.GetBytes(key));

    private static bool Equal(byte[] hash, byte[]? expected) =>
        expected is not null && CryptographicOperations.FixedTimeEquals(hash, expected);
}
