using System.Security.Cryptography;

namespace Modeldrop.Signing;

/// <summary>A private key in the settings.</summary>
internal sealed class PemKey(string pem) : ISigningKey
{
    public Task<OpenKey> OpenAsync(CancellationToken cancellationToken)
    {
        var key = ECDsa.Create();
        key.ImportFromPem(pem);
        return Task.FromResult(new OpenKey(key, (hash, _) => Task.FromResult(key.SignHash(hash))));
    }
}
