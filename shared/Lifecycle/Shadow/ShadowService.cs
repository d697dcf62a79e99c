using System.Text.Json;
using Azure;
using Microsoft.Extensions.Logging;
using Modeldrop.Errors;
using Modeldrop.Lifecycle.Replay;
using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Registry;
using Modeldrop.Storage;

namespace Modeldrop.Lifecycle.Shadow;

/// <summary>Scores the log with shadows afterwards: no request waits for them, and between two runs they use nothing.</summary>
/// <remarks>
/// A shadow's cursor and its figures are one document, written by compare and swap. A run that dies, or that loses against another one,
/// leaves no trace, and every record is counted once. Records may be written up to an hour late (<see cref="LogPartition.MaxWriteDelay"/>);
/// they are not missed.
/// </remarks>
public sealed partial class ShadowService(
    RegistryService models, RegistryStore registry, VersionStore versions, ShadowScorer scorer, LogReader log, TimeProvider clock,
    ILogger<ShadowService> logger)
{
    /// <summary>A few thousand records: the work that is lost when a run dies, and the records that memory holds.</summary>
    internal const int MaxPacks = 20;

    /// <summary>A timer-triggered function may run for five minutes in Azure; the remaining records wait for the next run.</summary>
    private static readonly TimeSpan MaxRun = TimeSpan.FromMinutes(4);

    /// <summary>Refuses a shadow that is not possible, before an operation is started for it.</summary>
    /// <returns>The version.</returns>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.InvalidRequest"/> with all violations; <see cref="ErrorCode.ModelNotFound"/>;
    /// <see cref="ErrorCode.VersionNotFound"/>; <see cref="ErrorCode.VersionNotReady"/>.
    /// </exception>
    public async Task<int> CheckAsync(ModelName model, int? version, int? percent, CancellationToken cancellationToken)
    {
        List<string> violations = [];
        if (version is null)
        {
            violations.Add("The body must name a version: {\"version\": 3}.");
        }

        if (percent is < 0 or > 100)
        {
            violations.Add($"'percent' is {percent}; it must be 0 to 100, where 0 ends the shadow.");
        }

        if (violations.Count > 0)
        {
            throw new ServiceException(ErrorCode.InvalidRequest, violations);
        }

        ModelHead head = await models.GetAsync(model, cancellationToken);
        VersionEntry found = head.FindVersion(version!.Value) ?? throw new ServiceException(
            ErrorCode.VersionNotFound, $"Model '{model}' has no version {version}.");
        if (percent != 0)
        {
            RegistryService.CheckCanShadow(head, found);
        }

        return version.Value;
    }

    public Task SetAsync(SetShadowInput input, CancellationToken cancellationToken)
    {
        ShadowInput shadow = input.Shadow;
        return models.SetShadowAsync(
            new VersionName(shadow.Model, shadow.Version), shadow.Percent, shadow.From, new Actor(
                shadow.Actor, shadow.Reason, input.Operation), cancellationToken);
    }

    /// <summary>Scores new records for all shadows in turns, so that one with much to do does not delay the others.</summary>
    public async Task ScoreAllAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset end = clock.GetUtcNow() + MaxRun;
        Queue<(ModelName Model, int Version, ShadowEntry Entry)> turns = new(
            from head in await registry.ListHeadsAsync(cancellationToken)
            where !head.Archived
            from shadow in head.Shadows
            where head.FindVersion(shadow.Key)?.Status.MayServe() == true
            select (head.Name, shadow.Key, shadow.Value));
        while (turns.TryDequeue(out (ModelName Model, int Version, ShadowEntry Entry) turn) && clock.GetUtcNow() < end)
        {
            try
            {
                if (await ScoreAsync(new VersionName(turn.Model, turn.Version), turn.Entry, cancellationToken))
                {
                    turns.Enqueue(turn);
                }
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                Log.Failed(logger, exception, turn.Version, turn.Model);
            }
        }
    }

    /// <summary>Scores the next records of the log.</summary>
    /// <returns>Whether there are more.</returns>
    public async Task<bool> ScoreAsync(VersionName version, ShadowEntry entry, CancellationToken cancellationToken)
    {
        using StorageMeter meter = StorageMeter.Start();
        (ShadowState state, ETag? tag) = await ReadAsync(version, entry, cancellationToken);
        List<Prediction> records = [];
        LogSlice slice = await log.ReadAsync(version.Model, state.Cursor, MaxPacks, pack =>
        {
            if (pack.Model == version.Model && pack.Version != version.Number)
            {
                records.AddRange(PredictionStore.ReadRecords(pack).Where(record => IsOurs(record, version.Number, entry)));
            }

            return Task.CompletedTask;
        }, cancellationToken);
        LogCursor next = state.Cursor.Behind(slice);
        if (slice.Packs == 0 && next.Horizon == state.Cursor.Horizon)
        {
            return false;
        }

        Dictionary<int, ReplaySummary> scored = await scorer.ScoreAsync(version, records, cancellationToken);
        if (records is [{ Version: var answered }, ..])
        {
            // Includes the transactions of reading the log, counted once.
            scored[answered] = scored[answered] with { Transactions = meter.Transactions };
        }

        ShadowState after = state.With(next, scored, records.Count == 0 ? null : records.Max(record => record.ReceivedAt));
        byte[] document = JsonSerializer.SerializeToUtf8Bytes(after, StoredJson.Options);
        if (await versions.TryWriteDocumentAsync(version, VersionDocuments.Shadow, document, tag, cancellationToken))
        {
            Log.Scored(logger, version.Number, version.Model, records.Count, slice.Packs, meter.Transactions);
        }

        return slice.IsTruncated;
    }

    /// <summary>Returns what a shadow has counted since it was set; null: nothing yet.</summary>
    public Task<ShadowState?> FindAsync(VersionName version, CancellationToken cancellationToken) =>
        versions.FindJsonAsync<ShadowState>(version, VersionDocuments.Shadow, cancellationToken);

    private async Task<(ShadowState State, ETag? Tag)> ReadAsync(
        VersionName version, ShadowEntry entry, CancellationToken cancellationToken)
    {
        if (await versions.FindTaggedDocumentAsync(version, VersionDocuments.Shadow, cancellationToken) is not { } found)
        {
            return (ShadowState.Begin(entry), null);
        }

        ShadowState state = JsonSerializer.Deserialize<ShadowState>(found.Content, StoredJson.Options)!;
        return (state.Since == entry.Since ? state : ShadowState.Begin(entry), found.Tag);
    }

    /// <summary>Whether the request named no version, so that the champion, or a candidate in its place, answered it.</summary>
    private static bool IsOurs(Prediction record, int version, ShadowEntry entry) =>
        record.Alias is { } alias && (alias == AliasName.Champion.Value || alias == AliasName.Candidate)
        && record.ReceivedAt >= entry.From && ShadowSample.Includes(record.Id, version, entry.Percent);

    private static partial class Log
    {
        [LoggerMessage(7002, LogLevel.Information,
            "Shadow {Version} of {Model} answered {Records} logged records ({Packs} packs) with {Transactions} storage transactions "
            + "for the log")]
        public static partial void Scored(ILogger logger, int version, ModelName model, int records, int packs, long transactions);

        [LoggerMessage(7003, LogLevel.Error, "Shadow {Version} of {Model} failed; the next run tries again")]
        public static partial void Failed(ILogger logger, Exception exception, int version, ModelName model);
    }
}
