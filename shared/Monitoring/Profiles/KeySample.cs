namespace Modeldrop.Monitoring.Profiles;

/// <summary>How often each of a sample of distinct requests came: the <see cref="Size"/> distinct inputs with the least hashes, and how
/// many times they did.</summary>
/// <remarks>
/// A bottom-k sketch with counts (Cohen and Kaplan, Summarizing data using bottom-k sketches, 2007). A hash that falls out has k lesser
/// ones and never comes back, so samples merge in any order to the same one, and the counts of
/// those that stay are exact.
/// </remarks>
public sealed class KeySample
{
    /// <summary>Distinct inputs that are kept.</summary>
    public const int Size = 64;

    private readonly SortedDictionary<ulong, long> _counts = [];
    private ulong _greatest;

    /// <summary>Times by hash, ascending.</summary>
    public IReadOnlyCollection<KeyValuePair<ulong, long>> Counts => _counts;

    /// <summary>Adds an input that came <paramref name="times"/> times.</summary>
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

    /// <summary>How many copies of an input a request that is drawn by chance has among all, itself included; 1 without requests.</summary>
    public double Copies()
    {
        double all = _counts.Values.Sum();
        return all == 0 ? 1 : _counts.Values.Sum(times => (double)times * times) / all;
    }

    /// <summary>The chance that a request of this sample's and one of the other's have the same input; 0 if none is in both.</summary>
    /// <param name="requests">Requests behind this sample.</param>
    public double Coincidence(KeySample other, long requests, long otherRequests)
    {
        if (requests == 0 || otherRequests == 0)
        {
            return 0;
        }

        // Both samples are whole up to the lesser of their greatest hashes.
        ulong limit = Math.Min(_counts.Count < Size ? ulong.MaxValue : _greatest, other._counts.Count < Size ? ulong.MaxValue
            : other._greatest);
        double together = _counts.TakeWhile(one => one.Key <= limit)
            .Sum(one => (double)one.Value * other._counts.GetValueOrDefault(one.Key));
        return together / (limit / (double)ulong.MaxValue) / requests / otherRequests;
    }
}
