using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Modeldrop.Routing;

/// <summary>A candidate's share of the traffic.</summary>
/// <param name="Percent">0 to 100.</param>
/// <param name="Route">Null while the candidate is not loaded: the champion takes its share.</param>
/// <param name="Unloaded">
/// Counts requests that the champion takes because the candidate cannot be loaded; null while it can, or is still loading.
/// </param>
internal sealed record CandidateShare(int Version, int Percent, Route? Route, VersionMeter? Unloaded);

/// <summary>Decides which version takes requests that name neither version nor alias.</summary>
/// <remarks>Immutable and pure: the same head and routing key give the same version on every instance.</remarks>
public sealed class TrafficPolicy
{
    /// <summary>Shares have a resolution of a hundredth of a percent.</summary>
    private const uint Buckets = 10_000;

    private readonly CandidateShare? _share;
    private readonly uint _candidateBuckets;

    /// <param name="champion">Null while there is no champion.</param>
    /// <param name="share">Null while the champion has all traffic.</param>
    internal TrafficPolicy(Route? champion, CandidateShare? share = null)
    {
        Champion = champion;
        _share = share;
        _candidateBuckets = share is null ? 0 : (uint)share.Percent * (Buckets / 100);
    }

    public Route? Champion { get; }

    /// <summary>Picks by key or, without a key, at random.</summary>
    /// <param name="routingKey">
    /// All requests with one key go to one version, on every instance: a hash of key and candidate is compared with the share. A key within
    /// a candidate's 5 % is also within its 25 %; for another candidate, other keys come first.
    /// </param>
    /// <param name="draw">Different for each request, in any pattern: it is mixed here.</param>
    public Route? Pick(string? routingKey, ulong draw)
    {
        if (_candidateBuckets == 0 || !IsCandidates(routingKey, draw))
        {
            return Champion;
        }

        if (_share!.Route is { } candidate)
        {
            return candidate;
        }

        _share.Unloaded?.CouldNotBeLoaded();
        return Champion;
    }

    /// <summary>Explains <see cref="Pick"/> to a person.</summary>
    public string Explain(string? routingKey, ulong draw)
    {
        if (_share is null)
        {
            return "the champion has all traffic";
        }

        string by = routingKey is null ? "drawn at random (no routing_key)" : "of the routing_key";
        string bucket =
            $"bucket {BucketOf(routingKey, draw)} of {Buckets}, {by}: buckets below {_candidateBuckets} ({_share.Percent} %) go to "
                + $"candidate {_share.Version}";
        return IsCandidates(routingKey, draw) && _share.Route is null
            ? $"{bucket}, which is not loaded, so the champion answers"
            : bucket;
    }

    private bool IsCandidates(string? routingKey, ulong draw) => BucketOf(routingKey, draw) < _candidateBuckets;

    private ulong BucketOf(string? routingKey, ulong draw)
    {
        ulong hash = routingKey is null ? Mix(draw) : XxHash3.HashToUInt64(MemoryMarshal.AsBytes<char>(routingKey), _share!.Version);

        // The high half of the product with the number of buckets is the bucket, without a division.
        return Math.BigMul(hash, Buckets, out _);
    }

    /// <summary>The finaliser of SplitMix64 (Steele, Lea and Flood 2014): makes neighbouring numbers independent.</summary>
    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
