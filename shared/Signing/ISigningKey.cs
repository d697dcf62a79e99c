using System.Security.Cryptography;

namespace Modeldrop.Signing;

/// <summary>The private key of this installation, wherever it is.</summary>
internal interface ISigningKey
{
    /// <exception cref="Modeldrop.Errors.ServiceException">
    /// <see cref="Modeldrop.Errors.ErrorCode.StoreUnavailable"/>: the key is elsewhere and cannot be used.
    /// </exception>
    Task<OpenKey> OpenAsync(CancellationToken cancellationToken);
}

/// <summary>A key that can sign.</summary>
/// <param name="publicKey">On P-256, P-384 or P-521; may hold the private part too. Disposed with this.</param>
/// <param name="signHash">Signs a hash of the curve's size; returns both halves of the signature, one after the other.</param>
internal sealed class OpenKey(ECDsa publicKey, Func<byte[], CancellationToken, Task<byte[]>> signHash) : IDisposable
{
    public ECDsa Public => publicKey;

    /// <returns>DER.</returns>
    public async Task<byte[]> SignAsync(byte[] data, CancellationToken cancellationToken)
    {
        byte[] hash = CryptographicOperations.HashData(EllipticKeys.HashOf(publicKey), data);
        return EllipticKeys.ToDer(await signHash(hash, cancellationToken));
    }

    public void Dispose() => publicKey.Dispose();
}
