namespace Modeldrop.Monitoring.Profiles;

/// <summary>
/// A sample of distinct requests and how often each occurred: the <see cref="Size"/> distinct inputs with the smallest hashes, with their
/// counts.
/// </summary>
/// <remarks>
/// A bottom-k sketch with counts (Cohen and Kaplan, Summarizing data using bottom-k sketches, 2007). A dropped hash is larger than k others
/// and never returns, so merging samples in any order gives the same sample, and the counts of the hashes that stay are exact.
/// </remarks>
public sealed class KeySample
{
    /// <summary>Number of distinct inputs kept.</summary>
    public const int Size = 64;

    private readonly SortedDictionary<ulong, long> _counts = [];
    private ulong _greatest;

    /// <summary>Count by hash, ascending.</summary>
    public IReadOnlyCollection<KeyValuePair<ulong, long>> Counts => _counts;

    /// <summary>Adds an input that occurred <paramref name="times"/> times.</summary>
    public void Add(ulong hash, long times = 1)
    {
        if (_counts.Count == Size && hash > _greatest)
        {
            return;
        }

        if (_counts.TryGetValue(hash, out long known))
        {
            _counts[hash] = known + times;
            return;
        }

        _counts[hash] = times;
        if (_counts.Count > Size)
        {
            _counts.Remove(_greatest);
        }

        if (_counts.Count == Size)
        {
            _greatest = _counts.Keys.Last();
        }
    }

    public void Add(KeySample other)
    {
        foreach ((ulong hash, long times) in other._counts)
        {
            Add(hash, times);
        }
    }

    /// <summary>The expected number of copies of the input of a randomly drawn request, including itself; 1 without requests.</summary>
    public double Copies()
    {
        double all = _counts.Values.Sum();
        return all == 0 ? 1 : _counts.Values.Sum(times => (double)times * times) / all;
    }

    /// <summary>The chance that a request of this sample and one of the other have the same input; 0 if the samples share none.</summary>
    /// <param name="requests">Number of requests behind this sample.</param>
    public double Coincidence(KeySample other, long requests, long otherRequests)
    {
        if (requests == 0 || otherRequests == 0)
        {
            return 0;
        }

        // Both samples are complete up to the smaller of their maximum hashes.
        ulong limit = Math.Min(_counts.Count < Size ? ulong.MaxValue : _greatest, other._counts.Count < Size ? ulong.MaxValue
            : other._greatest);
        double together = _counts.TakeWhile(one => one.Key <= limit)
            .Sum(one => (double)one.Value * other._counts.GetValueOrDefault(one.Key));
        return together / (limit / (double)ulong.MaxValue) / requests / otherRequests;
    }
}
