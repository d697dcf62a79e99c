using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.ML.OnnxRuntime;
using Modeldrop.Errors;
using Modeldrop.Registry;

namespace Modeldrop.Scoring;

/// <summary>Loaded sessions by the digest of their version: loaded once however many ask, unloaded when memory is wanted and nobody uses them.</summary>
public sealed partial class SessionCache(ModelFileCache files, IOptions<ScoringOptions> options, TimeProvider clock, ILogger<SessionCache> logger) : IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<Task<SessionEntry>>> _sessions = new(StringComparer.Ordinal);

    /// <summary>The version's session, loaded if need be.</summary>
    /// <exception cref="ServiceException"><see cref="Errors.ErrorCode.ModelLoadFailed"/>; <see cref="Errors.ErrorCode.StoreUnavailable"/>.</exception>
    public async ValueTask<SessionLease> UseAsync(ModelName model, VersionEntry version, CancellationToken cancellationToken)
    {
        while (true)
        {
            Lazy<Task<SessionEntry>> loading = _sessions.GetOrAdd(version.Digest, digest => new Lazy<Task<SessionEntry>>(() => LoadAsync(model, version)));
            SessionEntry entry;
            try
            {
                entry = await loading.Value.WaitAsync(cancellationToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // The next request tries again.
                _sessions.TryRemove(KeyValuePair.Create(version.Digest, loading));
                throw;
            }

            if (entry.TryUse())
            {
                entry.LastUsed = clock.GetTimestamp();
                return new SessionLease(entry);
            }

            _sessions.TryRemove(KeyValuePair.Create(version.Digest, loading));
        }
    }

    /// <summary>Unloads the least recently used sessions until the rest fits the budget.</summary>
    /// <param name="keep">Digests that stay whatever they cost: what serves.</param>
    public void Trim(IReadOnlySet<string> keep)
    {
        List<(string Digest, Lazy<Task<SessionEntry>> Loading, SessionEntry Entry)> loaded = [];
        foreach ((string digest, Lazy<Task<SessionEntry>> loading) in _sessions)
        {
            if (loading is { IsValueCreated: true, Value: { IsCompletedSuccessfully: true } task })
            {
                loaded.Add((digest, loading, task.GetAwaiter().GetResult()));
            }
        }

        long bytes = loaded.Sum(session => session.Entry.Bytes);
        foreach ((string digest, Lazy<Task<SessionEntry>> loading, SessionEntry entry) in loaded.Where(session => !keep.Contains(session.Digest)).OrderBy(session => session.Entry.LastUsed))
        {
            if (bytes <= options.Value.MaxSessionBytes)
            {
                return;
            }

            if (_sessions.TryRemove(KeyValuePair.Create(digest, loading)))
            {
                bytes -= entry.Bytes;
                entry.Release();
                Log.Unloaded(logger, digest, entry.Bytes);
            }
        }
    }

    public void Dispose()
    {
        foreach (Lazy<Task<SessionEntry>> loading in _sessions.Values)
        {
            if (loading is { IsValueCreated: true, Value: { IsCompletedSuccessfully: true } task })
            {
                task.GetAwaiter().GetResult().Release();
            }
        }

        _sessions.Clear();
    }

    // Not cancelled by the request that happens to be first: others wait for the same load.
    private async Task<SessionEntry> LoadAsync(ModelName model, VersionEntry version)
    {
        long started = clock.GetTimestamp();
        string path = await files.GetAsync(model, version.Version, CancellationToken.None);
        try
        {
            ModelSession session = await Task.Run(() => ModelSession.Load(path));
            var entry = new SessionEntry(session, new FileInfo(path).Length) { LastUsed = clock.GetTimestamp() };
            Log.Loaded(logger, model, version.Version, clock.GetElapsedTime(started).TotalMilliseconds);
            return entry;
        }
        catch (Exception exception) when (exception is OnnxRuntimeException or UnsupportedModelException)
        {
            throw new ServiceException(ErrorCode.ModelLoadFailed, $"Version {version.Version} of '{model}' cannot be loaded on this host.", exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3001, LogLevel.Information, "Loaded version {Version} of {Model} in {Milliseconds:0} ms")]
        public static partial void Loaded(ILogger logger, ModelName model, int version, double milliseconds);

        [LoggerMessage(3002, LogLevel.Information, "Unloaded session {Digest} of {Bytes} bytes")]
        public static partial void Unloaded(ILogger logger, string digest, long bytes);
    }
}
