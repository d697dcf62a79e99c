using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Registry;

namespace Modeldrop.Lifecycle.Retention;

/// <summary>Deletes the files of versions that are no longer needed.</summary>
/// <remarks>
/// The event is written before the files are deleted: a version that says it may serve always has its model. If a run dies in between, the
/// next one finds deleted versions with files and finishes. Record, report, profile, card and reference data stay, because a kept data set
/// or an audit refers to them.
/// </remarks>
public sealed partial class VersionRetention(
    RegistryService registry, RegistryStore store, VersionStore versions, PredictionStore predictions, IOptions<RetentionOptions> options,
    TimeProvider clock, ILogger<VersionRetention> logger)
{
    private static readonly Actor Retention = new("retention");

    /// <returns>The number of deleted versions.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        int deleted = 0;
        foreach (ModelHead head in await store.ListHeadsAsync(cancellationToken))
        {
            ModelName model = head.Name;
            try
            {
                foreach ((int version, string reason) in await FindAsync(head, cancellationToken))
                {
                    var name = new VersionName(model, version);
                    if (await registry.DeleteVersionAsync(name, Retention with { Reason = reason }, cancellationToken))
                    {
                        await versions.DeleteFilesAsync(name, cancellationToken);
                        Log.Deleted(logger, version, model, reason);
                        deleted++;
                    }
                }

                await FinishAsync(head, cancellationToken);
            }
            catch (ServiceException exception)
            {
                Log.Failed(logger, exception, model);
            }
        }

        return deleted;
    }

    /// <summary>Finds the versions that the policy no longer keeps, with the reason.</summary>
    private async Task<IReadOnlyList<(int Version, string Reason)>> FindAsync(ModelHead head, CancellationToken cancellationToken)
    {
        DateTimeOffset before = clock.GetUtcNow() - options.Value.KeepFilesFor;
        VersionEntry[] old = [.. head.Versions.Where(version => RegistryService.MayDelete(head, version) && version.RegisteredAt < before)];
        if (options.Value.KeepFilesFor == TimeSpan.Zero || old.Length == 0)
        {
            return [];
        }

        Dictionary<int, DateTimeOffset> since = await StatusSinceAsync(head, cancellationToken);
        HashSet<int> newest = [.. head.Versions
            .Where(version => version.Status == VersionStatus.Retired)
            .OrderByDescending(version => since[version.Number])
            .Take(options.Value.KeepRetired)
            .Select(version => version.Number)];
        List<(int, string)> found = [];
        foreach (VersionEntry version in old.Where(version => since[version.Number] < before && !newest.Contains(version.Number)))
        {
            if (!await predictions.HasRecordsAsync(new VersionName(head.Name, version.Number), version.RegisteredAt, cancellationToken))
            {
                string reason = $"{version.Status} since {since[version.Number]:u}; files of such versions are kept for "
                    + $"{options.Value.KeepFilesFor.TotalDays:0.#} days.";
                found.Add((version.Number, reason));
            }
        }

        return found;
    }

    private async Task<Dictionary<int, DateTimeOffset>> StatusSinceAsync(ModelHead head, CancellationToken cancellationToken)
    {
        Dictionary<int, DateTimeOffset> since = head.Versions.ToDictionary(version => version.Number, version => version.RegisteredAt);
        await foreach (RegistryEvent happened in store.ReadEventsAsync(head.Name, null, null, cancellationToken))
        {
            if (happened is VersionStatusChanged changed)
            {
                since[changed.Version] = changed.At;
            }
        }

        return since;
    }

    /// <summary>Deletes the files that an earlier run left behind when it died after writing the event.</summary>
    private async Task FinishAsync(ModelHead head, CancellationToken cancellationToken)
    {
        foreach (VersionEntry version in head.Versions.Where(version => version.Status == VersionStatus.Deleted))
        {
            if (await versions.HasFilesAsync(new VersionName(head.Name, version.Number), cancellationToken))
            {
                await versions.DeleteFilesAsync(new VersionName(head.Name, version.Number), cancellationToken);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(7010, LogLevel.Information, "Deleted the files of version {Version} of {Model}: {Reason}")]
        public static partial void Deleted(ILogger logger, int version, ModelName model, string reason);

        [LoggerMessage(7011, LogLevel.Error, "Retention of '{Model}' failed; the next run tries again")]
        public static partial void Failed(ILogger logger, Exception exception, ModelName model);
    }
}
