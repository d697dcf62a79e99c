using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Routing;
using Modeldrop.Scoring.Running;
using Modeldrop.Scoring.Sessions;
using Modeldrop.Storage;

namespace Modeldrop.Scoring.Cache;

/// <summary>The sessions of this process, loaded on first use. Thread-safe; a hit takes no lock.</summary>
/// <remarks>
/// When the budget is exceeded, the session that is cheapest to reload per freed byte is evicted, unless it was used recently: greedy dual
/// size (Cao and Irani 1997). The worth of a session is its load time divided by its size, plus the worth of the last evicted session at
/// the time of its own last use.
/// </remarks>
public sealed partial class SessionCache : IVersionLoader, IDisposable
{
    private readonly ConcurrentDictionary<VersionName, Slot> _slots = new();
    private readonly ConcurrentDictionary<VersionName, string> _failures = new();
    private readonly Lock _trimming = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly IVersionSource _source;
    private readonly ModelFileCache _files;
    private readonly TimeProvider _clock;
    private readonly ILogger<SessionCache> _logger;
    private readonly ScoringOptions _options;
    private readonly ScoringMeters _meters;

    // The worth of the last evicted session; it never decreases.
    private double _floor;
    private volatile Dictionary<VersionName, VersionName> _companions = [];
    private bool _isDisposed;

    public SessionCache(
        IVersionSource source, IOptions<ScoringOptions> options, ScoringMeters meters, TimeProvider clock, ILogger<SessionCache> logger)
    {
        _source = source;
        _options = options.Value;
        _files = new ModelFileCache(_options.CacheFolder, clock, logger);
        _clock = clock;
        _logger = logger;
        _meters = meters;
        RunMemory.Limit(_options.RunBytes);
        Watch = new RunWatch(_options);
        meters.Meter.CreateObservableGauge("sessions.loaded", () => Loaded.Count(), "{session}", "Versions that are loaded.");
        meters.Meter.CreateObservableGauge(
            "sessions.bytes", () => Watch.OpenBytes, "By",
            "Memory of the open sessions, as measured at validation, and their own memory of runs.");
        meters.Meter.CreateObservableGauge(
            "scoring.request_memory", () => Watch.Budget.Held, "By", "Memory that large running requests hold.");
        meters.Meter.CreateObservableGauge("scoring.waiting", Waiting, "{request}", "Requests that wait for a run.");
    }

    /// <summary>Watches the runs of all sessions.</summary>
    internal RunWatch Watch { get; }

    /// <summary>The meters that count scoring.</summary>
    internal ScoringMeters Meters => _meters;

    /// <summary>Number of loaded sessions.</summary>
    public int Count => Loaded.Count();

    private IEnumerable<KeyValuePair<VersionName, Slot>> Loaded => _slots.Where(slot => slot.Value.Loaded is not null);

    /// <summary>Returns the session of a version, loaded, verified and warmed up. Concurrent callers share one load.</summary>
    /// <returns>A session that the caller holds until disposing it; if it is evicted meanwhile, it stays open for the caller.</returns>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.ModelLoadFailed"/>; <see cref="ErrorCode.VersionNotFound"/>; <see cref="ErrorCode.StoreUnavailable"/>.
    /// </exception>
    public ValueTask<LoadedVersion> GetAsync(ModelName model, VersionEntry version, CancellationToken cancellationToken)
    {
        if (_slots.TryGetValue(new VersionName(model, version.Number), out Slot? slot)
            && slot.Loaded is { } loaded
            && loaded.Session.TryHold())
        {
            Use(slot);
            return new ValueTask<LoadedVersion>(loaded);
        }

        return new ValueTask<LoadedVersion>(LoadAsync(model, version, cancellationToken));
    }

    async Task IVersionLoader.LoadAsync(ModelName model, VersionEntry version, CancellationToken cancellationToken)
    {
        using LoadedVersion loaded = await GetAsync(model, version, cancellationToken);
    }

    /// <summary>
    /// Names versions that stay loaded as long as another version of their model: roll back targets, which stay as warm as their champions.
    /// </summary>
    public void KeepWith(IEnumerable<(VersionName Version, VersionName With)> companions) =>
        _companions = companions.ToDictionary(one => one.Version, one => one.With);

    /// <summary>Why the last attempt to load the version failed; null if it succeeded or there was none.</summary>
    public string? FindFailure(VersionName version) => _failures.GetValueOrDefault(version);

    /// <summary>Closes all sessions; a session in use closes with its last holder. May be called again.</summary>
    public void Dispose()
    {
        // The services know this object under two names, and dispose it once for each.
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }

        _closing.Cancel();
        foreach (VersionName key in _slots.Keys)
        {
            Evict(key);
        }

        Watch.Dispose();
        _largeLoad.Dispose();
        _closing.Dispose();
    }

    private async Task<LoadedVersion> LoadAsync(ModelName model, VersionEntry version, CancellationToken cancellationToken)
    {
        var key = new VersionName(model, version.Number);
        while (true)
        {
            ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, this);
            Slot slot = _slots.GetOrAdd(key, static _ => new Slot());

            slot.AddWaiter(1);
            try
            {
                // All waiting callers share the load: one that leaves does not end it.
                LoadedVersion loaded = await slot.StartOnce(() => LoadIntoAsync(key, slot)).WaitAsync(cancellationToken);
                if (loaded.Session.TryHold())
                {
                    Use(slot);
                    return loaded;
                }
            }
            finally
            {
                slot.AddWaiter(-1);
            }

            // Evicted between finding the slot and the end of the wait.
            _slots.TryRemove(new KeyValuePair<VersionName, Slot>(key, slot));
        }
    }

    private async Task<LoadedVersion> LoadIntoAsync(VersionName key, Slot slot)
    {
        // Not on the request's thread: reading, hashing and optimising a graph take time.
        await Task.Yield();
        StorePatience.Limit();
        long started = _clock.GetTimestamp();
        try
        {
            ModelVersion version = await _source.GetRegisteredAsync(key, _closing.Token);
            using ModelCopy files = await _files.CopyModelAsync(
                version, (file, token) => _source.ReadAsync(key, file, token), _closing.Token);
            long bytes = Math.Max(version.Inspection.MemoryBytes, ModelFileCache.NeededFiles(version).Sum(file => file.Bytes))
                + (version.Inspection.Loops ? RunMemory.OwnShare : 0);
            ModelSession session = await LoadAsync(files.ModelPath, version, bytes);
            RunCounts counts = _meters.RunsOf(key);
            var loaded = new LoadedVersion(
                session, new RunQueue(session, Environment.ProcessorCount, _options.MaxWaitingRequests, counts));
            TimeSpan duration = _clock.GetElapsedTime(started);
            slot.ReloadCost = duration.TotalSeconds / Math.Max(1, bytes);
            Use(slot);
            slot.Loaded = loaded;
            _failures.TryRemove(key, out _);
            Trim(LimitWith(bytes), key);
            _meters.Loaded(key.Model, duration);
            Log.Loaded(_logger, key.Model, key.Number, bytes, duration.TotalMilliseconds);
            return loaded;
        }
        catch (Exception exception)
        {
            _slots.TryRemove(new KeyValuePair<VersionName, Slot>(key, slot));
            _meters.CouldNotLoad(key.Model);
            _failures[key] = exception is ServiceException ? exception.Message : "It could not be loaded.";
            throw;
        }
    }

    private void Use(Slot slot)
    {
        slot.LastUsed = _clock.GetTimestamp();
        slot.Worth = Volatile.Read(ref _floor) + slot.ReloadCost;
    }

    /// <summary>Evicts the sessions that are worth least until the rest fits; <paramref name="newest"/> stays.</summary>
    private void Trim(long maxBytes, VersionName? newest)
    {
        lock (_trimming)
        {
            List<(VersionName Key, Slot Slot, double Worth)> loaded =
            [
                .. Loaded.Select(slot => (slot.Key, Slot: slot.Value, Use: UseOf(slot.Key, slot.Value))).OrderBy(slot => slot.Use.Worth)
                    .ThenBy(slot => slot.Use.At)
                    .ThenBy(slot => slot.Slot.LastUsed).Select(slot => (slot.Key, slot.Slot, slot.Use.Worth)),
            ];
            long bytes = loaded.Sum(slot => slot.Slot.Loaded!.Session.MemoryBytes);
            foreach ((VersionName key, Slot slot, double worth) in loaded)
            {
                if (bytes <= maxBytes)
                {
                    break;
                }

                // Not before all waiting callers have it: with little room they would evict each other's sessions for ever.
                if (key != newest && !slot.HasWaiters)
                {
                    bytes -= slot.Loaded!.Session.MemoryBytes;
                    Volatile.Write(ref _floor, Math.Max(_floor, worth));
                    Evict(key);
                }
            }
        }
    }

    /// <summary>A version that is kept with another one counts as used when that one was.</summary>
    private (double Worth, long At) UseOf(VersionName key, Slot slot) =>
        _companions.TryGetValue(key, out VersionName with) && _slots.TryGetValue(with, out Slot? companion)
        ? (Math.Max(slot.Worth, companion.Worth), Math.Max(slot.LastUsed, companion.LastUsed))
        : (slot.Worth, slot.LastUsed);

    private IEnumerable<Measurement<int>> Waiting() => Loaded
        .Select(slot => new Measurement<int>(slot.Value.Loaded!.Queue.Waiting, ScoringMeters.TagsOf(slot.Key)));

    private void Evict(VersionName key)
    {
        // The caller that removes the slot from the dictionary releases the cache's own hold, so this happens once.
        if (_slots.TryRemove(key, out Slot? slot) && slot.Loaded is { } loaded)
        {
            _meters.Evicted(key.Model);
            Log.Evicted(_logger, key.Model, key.Number);
            loaded.Dispose();
        }
    }

    private sealed class Slot
    {
        private readonly Lock _starting = new();
        private Task<LoadedVersion>? _loading;
        private LoadedVersion? _loaded;
        private long _lastUsed;
        private double _worth;
        private int _waiters;

        public bool HasWaiters => Volatile.Read(ref _waiters) > 0;

        /// <summary>Null until it is loaded.</summary>
        public LoadedVersion? Loaded
        {
            get => Volatile.Read(ref _loaded);
            set => Volatile.Write(ref _loaded, value);
        }

        /// <summary>Load time in seconds per byte.</summary>
        public double ReloadCost { get; set; }

        /// <summary>The cost of reloading it, as of its last use.</summary>
        public double Worth
        {
            get => Volatile.Read(ref _worth);
            set => Volatile.Write(ref _worth, value);
        }

        /// <summary>In the clock's timestamps.</summary>
        public long LastUsed
        {
            get => Volatile.Read(ref _lastUsed);
            set => Volatile.Write(ref _lastUsed, value);
        }

        public void AddWaiter(int change) => Interlocked.Add(ref _waiters, change);

        public Task<LoadedVersion> StartOnce(Func<Task<LoadedVersion>> load)
        {
            lock (_starting)
            {
                return _loading ??= load();
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3010, LogLevel.Information, "Loaded {Model}/{Version}: {Bytes} bytes in {Milliseconds} ms")]
        public static partial void Loaded(ILogger logger, ModelName model, int version, long bytes, double milliseconds);

        [LoggerMessage(3011, LogLevel.Information, "Closed {Model}/{Version} to make room")]
        public static partial void Evicted(ILogger logger, ModelName model, int version);
    }
}
