namespace Modeldrop.Standalone.Blobs;

/// <summary>A version of a blob, as listed.</summary>
internal sealed record ListedBlob(string Name, string Version, IReadOnlyDictionary<string, object?> Tokens);

/// <summary>Tracks the pending blobs of one function: pure bookkeeping. Thread-safe.</summary>
/// <param name="receipts">Processed versions, by name.</param>
internal sealed class BlobWork(Dictionary<string, string> receipts, TimeSpan firstRetryDelay)
{
    /// <summary>Runs of one version before it is poison.</summary>
    public const int MaxRuns = 5;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Attempt> _attempts = new(StringComparer.Ordinal);

    /// <summary>Whether a failed blob waits for its next run.</summary>
    public bool IsRetried
    {
        get
        {
            lock (_gate)
            {
                return _attempts.Values.Any(attempt => !attempt.Running);
            }
        }
    }

    /// <summary>Takes the blobs to run now. The caller owns each until it reports the result.</summary>
    /// <param name="gone">Names with a receipt whose blobs no longer exist.</param>
    public List<ListedBlob> Take(IReadOnlyCollection<ListedBlob> listing, DateTimeOffset now, out List<string> gone)
    {
        lock (_gate)
        {
            HashSet<string> present = listing.Select(blob => blob.Name).ToHashSet(StringComparer.Ordinal);
            gone = [.. receipts.Keys.Where(name => !present.Contains(name) && !IsRunning(name))];
            foreach (string name in _attempts.Where(pair => !present.Contains(pair.Key) && !pair.Value.Running).Select(pair => pair.Key)
                    .ToList())
            {
                _attempts.Remove(name);
            }

            return [.. listing.Where(blob => TryTake(blob, now))];
        }
    }

    public void SetDone(ListedBlob blob)
    {
        lock (_gate)
        {
            receipts[blob.Name] = blob.Version;
            _attempts.Remove(blob.Name);
        }
    }

    /// <summary>Counts a failure.</summary>
    /// <returns>The failures of this version so far. At <see cref="MaxRuns"/> it is poison, and the caller marks it as done.</returns>
    public int SetFailed(ListedBlob blob, DateTimeOffset now)
    {
        lock (_gate)
        {
            Attempt attempt = _attempts[blob.Name];
            attempt.Failures++;
            attempt.NextRun = now + firstRetryDelay * Math.Pow(2, attempt.Failures - 1);

            // A poisoned blob stays taken until its record is written.
            attempt.Running = attempt.Failures >= MaxRuns;
            return attempt.Failures;
        }
    }

    /// <summary>Returns a blob whose run did not count: it was cancelled, or the blob had changed.</summary>
    public void PutBack(ListedBlob blob)
    {
        lock (_gate)
        {
            _attempts.Remove(blob.Name);
        }
    }

    public void Forget(string name)
    {
        lock (_gate)
        {
            receipts.Remove(name);
        }
    }

    private bool TryTake(ListedBlob blob, DateTimeOffset now)
    {
        if (receipts.TryGetValue(blob.Name, out string? done) && done == blob.Version)
        {
            return false;
        }

        if (!_attempts.TryGetValue(blob.Name, out Attempt? attempt) || (attempt.Version != blob.Version && !attempt.Running))
        {
            attempt = new Attempt(blob.Version) { NextRun = now };
        }

        // While an older version still runs, the new one waits: two runs for one blob would race each other.
        if (attempt.Running || attempt.NextRun > now)
        {
            return false;
        }

        attempt.Running = true;
        _attempts[blob.Name] = attempt;
        return true;
    }

    private bool IsRunning(string name) => _attempts.TryGetValue(name, out Attempt? attempt) && attempt.Running;

    private sealed class Attempt(string version)
    {
        public string Version => version;

        public int Failures { get; set; }

        public DateTimeOffset NextRun { get; set; }

        public bool Running { get; set; }
    }
}
