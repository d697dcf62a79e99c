using Azure;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Storage;

namespace Modeldrop.Monitoring.Profiles;

/// <summary>The result of a fold.</summary>
/// <param name="Folds">Plans executed; 0: there was nothing new.</param>
/// <param name="HourRows">Rows that this process changed.</param>
/// <param name="VersionsWithoutReference">Only the records and rows of these versions are counted.</param>
/// <param name="Transactions">Number of storage transactions.</param>
public sealed record FoldResult(
    int Folds, int Packs, long Records, int HourRows, IReadOnlyList<int> VersionsWithoutReference, long Transactions);

/// <summary>Adds new records of the prediction log to the hour profiles, each pack exactly once.</summary>
/// <remarks>
/// A fold first commits its plan by compare and swap: exact ranges of the log. It then adds the counts of these ranges to the hours, each
/// of which stores the last fold added to it. Finally it marks the plan as done. Packs never change and ranges are exact, so a process that
/// finds another's plan (crashed, or still running) computes the same counts. The process that adds them second finds them already there.
/// </remarks>
public sealed partial class FoldService(
    StorageAccount account,
    PredictionStore log,
    ProfileStore profiles,
    ReferenceProfiles references,
    IOptions<MonitoringOptions> options,
    TimeProvider clock,
    ILogger<FoldService> logger)
{
    private readonly FoldStateStore _states = new(account);
    private readonly LogReader _reader = new(log, clock);

    /// <summary>
    /// Folds everything that the log of a model contains. Safe to repeat, to interrupt, and to run on several instances at once.
    /// </summary>
    /// <exception cref="Errors.ServiceException"><see cref="Errors.ErrorCode.StoreUnavailable"/>.</exception>
    public async Task<FoldResult> FoldAsync(ModelName model, CancellationToken cancellationToken)
    {
        using StorageMeter meter = StorageMeter.Start();
        var total = new FoldResult(0, 0, 0, 0, [], 0);
        while (true)
        {
            (FoldState state, ETag? tag) = await _states.ReadAsync(model, cancellationToken);
            bool more = true;
            Slice slice;
            if (state.Plan is { } plan)
            {
                slice = await ReadPlannedAsync(model, plan, state.References!, cancellationToken);
            }
            else
            {
                (slice, FoldState planned) = await ReadNewAsync(model, state, cancellationToken);
                more = slice.IsTruncated;
                if (planned.Horizon < state.Horizon)
                {
                    Log.ClockWentBack(logger, model, Hours.StartOf(state.Horizon), Hours.StartOf(planned.Horizon));
                }

                if (slice.Ranges.Count == 0 && planned.Horizon == state.Horizon)
                {
                    break;
                }

                tag = await _states.TryWriteAsync(model, planned, tag, cancellationToken);
                if (tag is null)
                {
                    continue;
                }

                if (slice.Ranges.Count == 0)
                {
                    break;
                }

                state = planned;
            }

            int rows = 0;
            foreach ((int version, Dictionary<long, HourProfile> hours) in slice.Hours)
            {
                rows += await profiles.ApplyAsync(new VersionName(model, version), state.Fold, hours, cancellationToken);
            }

            // False when another process was faster: the plan is done in that case too.
            await _states.TryWriteAsync(model, Done(state), tag, cancellationToken);
            total = total with
            {
                Folds = total.Folds + 1,
                Packs = total.Packs + slice.Packs,
                Records = total.Records + slice.Records,
                HourRows = total.HourRows + rows,
                VersionsWithoutReference = [.. total.VersionsWithoutReference.Union(slice.WithoutReference).Order()],
            };
            if (!more)
            {
                break;
            }
        }

        total = total with { Transactions = meter.Transactions };
        if (total.Folds > 0)
        {
            Log.Folded(logger, model, total.Records, total.Packs, total.HourRows, total.Transactions);
        }

        return total;
    }

    private static FoldState Done(FoldState state) =>
        state with { Plan = null, References = null, Positions = LogCursor.Advanced(state.Positions, state.Plan!, state.Horizon) };

    /// <summary>Reads the log after the stored positions, and plans the fold.</summary>
    private async Task<(Slice Slice, FoldState Planned)> ReadNewAsync(
        ModelName model, FoldState state, CancellationToken cancellationToken)
    {
        var slice = new Slice();
        LogSlice read = await _reader.ReadAsync(
            model, new LogCursor(state.Horizon, state.Positions), options.Value.MaxPacksPerFold,
            pack => CountAsync(model, pack, slice, null, cancellationToken), cancellationToken);
        slice.IsTruncated = read.IsTruncated;
        slice.Ranges = read.Ranges;
        FoldState planned = state with { Horizon = read.Horizon };
        return slice.Ranges.Count == 0
            ? (slice, planned with { Positions = LogCursor.Advanced(state.Positions, [], read.Horizon) })
            : (slice, planned with { Fold = state.Fold + 1, Plan = slice.Ranges, References = slice.Digests });
    }

    private async Task<Slice> ReadPlannedAsync(
        ModelName model, IReadOnlyList<LogRange> plan, IReadOnlyDictionary<int, string> digests, CancellationToken cancellationToken)
    {
        var slice = new Slice();
        await _reader.ReadAgainAsync(
            plan, pack => CountAsync(model, pack, slice, digests, cancellationToken), cancellationToken);
        return slice;
    }

    /// <param name="digests">Digests of the plan's references, if there is a plan.</param>
    private async Task CountAsync(
        ModelName model, LogPack pack, Slice slice, IReadOnlyDictionary<int, string>? digests, CancellationToken cancellationToken)
    {
        slice.Packs++;
        if (pack.Model != model)
        {
            // Another model with the same hash.
            return;
        }

        slice.Records += pack.Records;
        if (!slice.Counters.TryGetValue(pack.Version, out PackCounter? counter))
        {
            ReferenceProfile? reference = digests?[pack.Version] == ""
                ? null
                : await references.FindAsync(pack.Name, cancellationToken);
            string digest = reference?.Digest ?? "";
            if (digests is not null && digests[pack.Version] != digest)
            {
                throw new InvalidOperationException(
                    $"The reference profile of version {pack.Version} of '{model}' has changed since the fold was planned.");
            }

            slice.Digests[pack.Version] = digest;
            slice.Counters[pack.Version] = counter = new PackCounter(reference);
            slice.Hours[pack.Version] = [];
        }

        counter.Count(pack, slice.Hours[pack.Version]);
    }

    /// <summary>The packs of one read.</summary>
    private sealed class Slice
    {
        public IReadOnlyList<LogRange> Ranges { get; set; } = [];

        public Dictionary<int, string> Digests { get; } = [];

        public Dictionary<int, PackCounter> Counters { get; } = [];

        public Dictionary<int, Dictionary<long, HourProfile>> Hours { get; } = [];

        public int Packs { get; set; }

        public long Records { get; set; }

        /// <summary>Whether the log has more records.</summary>
        public bool IsTruncated { get; set; }

        public IEnumerable<int> WithoutReference => Digests.Where(digest => digest.Value.Length == 0).Select(digest => digest.Key);
    }

    private static partial class Log
    {
        [LoggerMessage(5002, LogLevel.Warning,
            "The clock was set back: the log of '{Model}' was closed before {Before:u}; hours from {After:u} on are open again, and "
            + "their records are not counted twice")]
        public static partial void ClockWentBack(ILogger logger, ModelName model, DateTimeOffset before, DateTimeOffset after);

        [LoggerMessage(5000, LogLevel.Information,
            "Folded {Records} records of '{Model}' ({Packs} packs) into {Rows} hour rows with {Transactions} storage transactions")]
        public static partial void Folded(ILogger logger, ModelName model, long records, int packs, int rows, long transactions);
    }
}
