using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Routing;

/// <summary>
/// Picks the version for a request from a snapshot in memory that follows the registry. Thread-safe; <see cref="Resolve"/> takes no lock.
/// </summary>
/// <remarks>
/// A new champion takes traffic only when its session is loaded and warm. Until then, or permanently if it cannot be loaded, the previous
/// one continues. Likewise, the champion keeps the share of a candidate that is not loaded. When the store is down, the last snapshot stays
/// in use. Only at start, when there is no previous champion, the first requests load the sessions instead: an app with hundreds of models
/// must not load them all.
/// </remarks>
public sealed partial class TrafficRouter : IDisposable
{
    private readonly IHeadSource _source;
    private readonly IVersionLoader _loader;
    private readonly RolloutMeters _meters;
    private readonly TimeProvider _clock;
    private readonly ILogger<TrafficRouter> _logger;
    private readonly TimeSpan _retryAfter;
    private readonly SemaphoreSlim _refreshing = new(1, 1);
    private readonly CancellationTokenSource _closing = new();

    // Guards the following fields; requests only read _current.
    private readonly Lock _changing = new();
    private readonly Dictionary<VersionName, Preload> _preloads = [];
    private IReadOnlyList<ModelHead> _heads = [];
    private string? _revision;
    private volatile TrafficSnapshot? _current;

    public TrafficRouter(
        IHeadSource source, IVersionLoader loader, RolloutMeters meters, IOptions<RoutingOptions> options, TimeProvider clock,
        ILogger<TrafficRouter> logger)
    {
        _source = source;
        _loader = loader;
        _meters = meters;
        _clock = clock;
        _logger = logger;
        _retryAfter = options.Value.LoadRetryInterval;
    }

    /// <summary>Whether the registry has been read at least once.</summary>
    public bool IsReady => _current is not null;

    /// <summary>The snapshot that requests are routed by.</summary>
    public TrafficSnapshot Current => _current ?? TrafficSnapshot.Empty;

    /// <summary>Picks the version for a request.</summary>
    /// <param name="versionOrAlias">A number, an alias, or null: the traffic policy picks.</param>
    /// <param name="routingKey">Makes the pick sticky; null: none.</param>
    /// <param name="draw">Decides if there is no key; different for each request.</param>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.ModelNotFound"/>; <see cref="ErrorCode.VersionNotFound"/>; <see cref="ErrorCode.VersionNotReady"/>;
    /// <see cref="ErrorCode.StoreUnavailable"/> before the registry has been read.
    /// </exception>
    public Route Resolve(string model, string? versionOrAlias, string? routingKey, ulong draw) =>
        GetModel(model).Resolve(versionOrAlias, routingKey, draw);

    /// <summary>A model that serves.</summary>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.ModelNotFound"/>; <see cref="ErrorCode.StoreUnavailable"/> before the registry has been read.
    /// </exception>
    public ServedModel GetModel(string model) =>
        (_current ?? throw new ServiceException(ErrorCode.StoreUnavailable, "The registry has not been read yet; try again.")).Get(model);

    /// <summary>
    /// Reads the registry now and returns when its champions take traffic, or could not be loaded. For callers who have just moved an
    /// alias.
    /// </summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.StoreUnavailable"/>; the last snapshot stays in use.</exception>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        await PollAsync(force: true, cancellationToken);
        Task[] pending;
        lock (_changing)
        {
            pending = [.. _preloads.Values.Select(preload => preload.Done)];
        }

        await Task.WhenAll(pending).WaitAsync(cancellationToken);
    }

    /// <summary>Reads the heads if the registry's revision has changed, and starts to load new champions.</summary>
    internal async Task PollAsync(bool force, CancellationToken cancellationToken)
    {
        // One at a time: an older list must not replace a newer one.
        await _refreshing.WaitAsync(cancellationToken);
        try
        {
            // Read before the list: the next poll sees a change between the two.
            string? revision = await _source.ReadRevisionAsync(cancellationToken);
            if (force || !IsReady || revision != _revision)
            {
                IReadOnlyList<ModelHead> heads = await _source.ListHeadsAsync(cancellationToken);
                _revision = revision;
                lock (_changing)
                {
                    _heads = heads;
                    Publish(force);
                }
            }
            else
            {
                lock (_changing)
                {
                    RetryFailed();
                }
            }
        }
        finally
        {
            _refreshing.Release();
        }
    }

    public void Dispose()
    {
        _closing.Cancel();
        _refreshing.Dispose();
        _closing.Dispose();
    }

    /// <summary>
    /// Creates a snapshot of the heads and swaps it in; champions that are not loaded yet are held back. Call it under the lock.
    /// </summary>
    private void Publish(bool retryNow = false)
    {
        bool isFirst = _current is null;
        var models = new List<ServedModel>(_heads.Count);
        var wanted = new HashSet<VersionName>();
        foreach (ModelHead head in _heads)
        {
            // A head without versions has only rejected drops, or a description.
            if (head.Archived || head.Versions.IsEmpty)
            {
                continue;
            }

            ServedModel? before = Current.Find(head.Name.Value);
            VersionEntry? champion = ChooseChampion(head, before?.Policy.Champion?.Version.Number, isFirst, retryNow, wanted);
            CandidateState candidate = StateOfCandidate(head, retryNow, wanted);
            bool same = before is not null && ReferenceEquals(before.Head, head)
                && before.Policy.Champion?.Version == champion && before.CandidateState == candidate;
            models.Add(
                same
                    ? before!
                    : new ServedModel(head, champion, candidate, head.Split?.Operation is { } rollout ? _meters.Of(rollout) : null));
        }

        foreach (VersionName gone in _preloads.Keys.Where(key => !wanted.Contains(key)).ToList())
        {
            _preloads.Remove(gone);
        }

        _loader.KeepWith(
            from model in models
            where model.Head.Former is [_, ..] && model.Policy.Champion is not null
            select (
                new VersionName(model.Name, model.Head.Former[^1]), new VersionName(model.Name, model.Policy.Champion!.Version.Number)));
        _current = new TrafficSnapshot(models);
    }

    private VersionEntry? ChooseChampion(ModelHead head, int? serving, bool isFirst, bool retryNow, HashSet<VersionName> wanted)
    {
        VersionEntry? champion = head.FindAlias(AliasName.Champion);
        if (champion is null || isFirst || champion.Number == serving || GetPreload(head.Name, champion, retryNow, wanted).Succeeded)
        {
            return champion;
        }

        return serving is { } version ? head.FindVersion(version) : null;
    }

    private CandidateState StateOfCandidate(ModelHead head, bool retryNow, HashSet<VersionName> wanted)
    {
        if (head.Split is not { } split || head.FindVersion(split.Version) is not { } version)
        {
            return CandidateState.None;
        }

        Preload preload = GetPreload(head.Name, version, retryNow, wanted);
        return preload.Succeeded ? CandidateState.Loaded : preload.Failed ? CandidateState.Failed : CandidateState.Loading;
    }

    private Preload GetPreload(ModelName model, VersionEntry version, bool retryNow, HashSet<VersionName> wanted)
    {
        var key = new VersionName(model, version.Number);
        wanted.Add(key);
        return _preloads.TryGetValue(key, out Preload? preload) && !(retryNow && preload.Failed) ? preload : StartPreload(model, version);
    }

    private void RetryFailed()
    {
        foreach ((VersionName name, Preload preload) in _preloads.ToList())
        {
            if (preload.Failed && _clock.GetElapsedTime(preload.FailedAt) >= _retryAfter
                && _heads.FirstOrDefault(head => head.Name == name.Model)?.FindVersion(name.Number) is { } version)
            {
                StartPreload(name.Model, version);
            }
        }
    }

    private Preload StartPreload(ModelName model, VersionEntry version)
    {
        var preload = new Preload();
        _preloads[new VersionName(model, version.Number)] = preload;
        preload.Done = Task.Run(() => LoadAsync(model, version, preload));
        return preload;
    }

    private async Task LoadAsync(ModelName model, VersionEntry version, Preload preload)
    {
        try
        {
            await _loader.LoadAsync(model, version, _closing.Token);
            lock (_changing)
            {
                preload.Succeeded = true;
                if (_preloads.GetValueOrDefault(new VersionName(model, version.Number)) == preload)
                {
                    Publish();
                }
            }

            Log.Switched(_logger, model, version.Number);
        }
        catch (Exception exception)
        {
            // The end of a background task: on any failure the previous champion continues, and the log has the reason.
            lock (_changing)
            {
                preload.FailedAt = _clock.GetTimestamp();
                preload.Failed = true;
                if (!_closing.IsCancellationRequested && _preloads.GetValueOrDefault(new VersionName(model, version.Number)) == preload)
                {
                    Publish();
                }
            }

            if (!_closing.IsCancellationRequested)
            {
                Log.PreloadFailed(_logger, model, version.Number, exception);
            }
        }
    }

    /// <summary>A champion or candidate that is loading.</summary>
    private sealed class Preload
    {
        public Task Done { get; set; } = Task.CompletedTask;

        public bool Succeeded { get; set; }

        public bool Failed { get; set; }

        public long FailedAt { get; set; }
    }

    private static partial class Log
    {
        [LoggerMessage(3520, LogLevel.Information, "{Model}/{Version} is loaded and takes its traffic")]
        public static partial void Switched(ILogger logger, ModelName model, int version);

        [LoggerMessage(3521, LogLevel.Error, "{Model}/{Version} should take traffic but cannot be loaded; the previous champion continues")]
        public static partial void PreloadFailed(ILogger logger, ModelName model, int version, Exception exception);
    }
}
