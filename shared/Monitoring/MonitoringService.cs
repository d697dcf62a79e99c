using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Modeldrop.Errors;
using Modeldrop.Manifests;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Monitoring.Watch;
using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Registry;

namespace Modeldrop.Monitoring;

/// <summary>Monitoring as timers and people call it. A model that fails does not stop the others.</summary>
public sealed partial class MonitoringService(
    RegistryStore registry, VersionStore versions, PredictionLog log, FoldService fold, LoggedReference loggedReference, DriftService drift,
    TimeProvider clock, ILogger<MonitoringService> logger)
{
    /// <summary>Folds the records that were logged since the last run into the hourly profiles, model by model.</summary>
    public async Task FoldAllAsync(CancellationToken cancellationToken)
    {
        foreach (ModelHead head in await registry.ListHeadsAsync(cancellationToken))
        {
            await TryAsync(head, () => FoldAsync(head.Name, cancellationToken));
        }
    }

    /// <summary>Checks the newest window of every champion.</summary>
    public async IAsyncEnumerable<DriftReport> CheckChampionsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (ModelHead head in await registry.ListHeadsAsync(cancellationToken))
        {
            DriftReport? report = null;
            await TryAsync(head, async () => report = await CheckChampionAsync(head, cancellationToken));
            if (report is not null)
            {
                yield return report;
            }
        }
    }

    /// <summary>Folds new records, then compares a window with the reference.</summary>
    /// <param name="version">Null: the champion.</param>
    /// <param name="from">Event time; null: the manifest's window before <paramref name="to"/>.</param>
    /// <param name="to">Null: now.</param>
    /// <param name="baseline">Null: the manifest's.</param>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.ModelNotFound"/>; <see cref="ErrorCode.VersionNotFound"/>; <see cref="ErrorCode.InvalidRequest"/> for an empty
    /// window.
    /// </exception>
    public async Task<DriftReport> RunAsync(
        ModelName model, int? version, DateTimeOffset? from, DateTimeOffset? to, DriftBaseline? baseline,
        CancellationToken cancellationToken)
    {
        int checkedVersion = await FindVersionAsync(model, version, cancellationToken);

        // A check right after some traffic should include it, so this process first writes the records that it still holds.
        await log.FlushAsync(cancellationToken);
        await FoldAsync(model, cancellationToken);
        ModelVersion record = await versions.GetAsync(new VersionName(model, checkedVersion), cancellationToken);
        DateTimeOffset end = to ?? clock.GetUtcNow();
        return await drift.CheckAsync(
            new VersionName(model, checkedVersion), from ?? Begin(end, record.Manifest.Monitoring.Window), end,
            baseline ?? DriftBaseline.Parse(record.Manifest.Monitoring.Baseline), cancellationToken);
    }

    /// <summary>Returns the given version, or the champion.</summary>
    public async Task<int> FindVersionAsync(ModelName model, int? version, CancellationToken cancellationToken)
    {
        ModelHead head = await registry.FindHeadAsync(model, cancellationToken)
            ?? throw new ServiceException(ErrorCode.ModelNotFound, $"There is no model '{model}'.");
        VersionEntry? found = version is { } number ? head.FindVersion(number) : head.FindAlias(AliasName.Champion);
        return found?.Number ?? throw new ServiceException(ErrorCode.VersionNotFound,
            version is null ? $"Model '{model}' has no champion; name a version." : $"Model '{model}' has no version {version}.");
    }

    /// <summary>Folds. If a version has traffic but no bins, its first rows become its reference.</summary>
    private async Task FoldAsync(ModelName model, CancellationToken cancellationToken)
    {
        FoldResult folded = await fold.FoldAsync(model, cancellationToken);
        foreach (int version in folded.VersionsWithoutReference)
        {
            await loggedReference.TrySealAsync(new VersionName(model, version), cancellationToken);
        }
    }

    /// <summary>Windows are whole hours: a one-day window that ends within an hour begins 24 hours before the end of that hour.</summary>
    private static DateTimeOffset Begin(DateTimeOffset end, TimeSpan window) => Hours.StartOf(Hours.Ceiling(end)) - window;

    private static DateTimeOffset Max(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    /// <returns>Null: no version serves.</returns>
    private async Task<DriftReport?> CheckChampionAsync(ModelHead head, CancellationToken cancellationToken)
    {
        if (head.FindAlias(AliasName.Champion) is not { } champion)
        {
            return null;
        }

        var version = new VersionName(head.Name, champion.Number);
        MonitoringPolicy policy = (await versions.GetAsync(version, cancellationToken)).Manifest.Monitoring;
        DateTimeOffset now = clock.GetUtcNow();
        DateTimeOffset since = Max(head.Aliases[AliasName.Champion.Value].Since, now - DriftWatch.Length);
        return await drift.WatchAsync(
            version, Begin(now, policy.Window), now, since, DriftBaseline.Parse(policy.Baseline), cancellationToken);
    }

    private async Task TryAsync(ModelHead head, Func<Task> work)
    {
        if (head.Archived)
        {
            return;
        }

        try
        {
            await work();
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            Log.Failed(logger, exception, head.Name);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5200, LogLevel.Error, "Monitoring of '{Model}' failed; the next run tries again")]
        public static partial void Failed(ILogger logger, Exception exception, ModelName model);
    }
}
