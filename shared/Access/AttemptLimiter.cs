using System.Net;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;

namespace Modeldrop.Access;

/// <summary>Limits how often an address may send a wrong key. A correct key never waits.</summary>
/// <remarks>
/// Addresses share a fixed number of buckets, by a hash that differs in each process, so memory is bounded for any number of callers. An
/// IPv6 network (64 bits) counts as one address, because its owner has all of its addresses.
/// </remarks>
public sealed class AttemptLimiter(IOptions<AccessOptions> options) : IDisposable
{
    private const int Buckets = 4096;

    private static readonly TimeSpan OneMoreEvery = TimeSpan.FromSeconds(6);

    private readonly PartitionedRateLimiter<int> _limiter = PartitionedRateLimiter.Create<int, int>(bucket =>
        RateLimitPartition.GetTokenBucketLimiter(bucket, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = options.Value.WrongKeyBurst,
            TokensPerPeriod = 1,
            ReplenishmentPeriod = OneMoreEvery,
            QueueLimit = 0,
        }));

    /// <summary>Counts a wrong key.</summary>
    /// <returns>How long the address must wait; null: it may try again.</returns>
    public TimeSpan? Count(IPAddress? address)
    {
        using RateLimitLease lease = _limiter.AttemptAcquire(BucketOf(address));
        return lease.IsAcquired ? null
            : lease.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan wait) && wait > TimeSpan.Zero ? wait
            : OneMoreEvery;
    }

    public void Dispose() => _limiter.Dispose();

    private static int BucketOf(IPAddress? address)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (address is null || !(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).TryWriteBytes(bytes, out int written))
        {
            return 0;
        }

        var hash = default(HashCode);
        hash.AddBytes(written == 16 ? bytes[..8] : bytes[..written]);
        return (hash.ToHashCode() & int.MaxValue) % Buckets;
    }
}
