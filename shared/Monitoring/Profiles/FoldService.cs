using Azure;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Storage;

namespace Modeldrop.Monitoring.Profiles;

/// <summary>What a fold did.</summary>
/// <param name="Folds">Plans carried out; 0: there was nothing new.</param>
/// <param name="HourRows">Rows changed by this runner.</param>
/// <param name="VersionsWithoutReference">Of these only records and rows are counted.</param>
/// <param name="Transactions">Storage transactions that it took.</param>
public sealed record FoldResult(
    int Folds, int Packs, long Records, int HourRows, IReadOnlyList<int> VersionsWithoutReference, long Transactions);

/// <summary>Adds new records of the prediction log to the hour profiles, each pack exactly once.</summary>
/// <remarks>
/// A fold first commits its plan: exact ranges of the log, by compare and swap. Then it adds the counts of these ranges to the hours, each
/// of which remembers the last fold that it took; then it marks the plan done. Packs never change and ranges are exact, so a runner that
/// finds a plan of another (crashed, or still at it) computes the same counts; the second finds them already there.
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

    /// <summary>Folds everything that is in the log of a model. Safe to repeat, to interrupt, and to run by several at once.</summary>
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

            // Lost when another runner was faster: then it is done as well.
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

    /// <summary>Reads what is behind the positions, and plans it.</summary>
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

    /// <param name="digests">The plan's references, when there is a plan.</param>
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
                    $"The reference profile of version {pack.Version} of '{model}' has changed since fold planned with it.");
            }

            slice.Digests[pack.Version] = digest;
            slice.Counters[pack.Version] = counter = new PackCounter(reference);
            slice.Hours[pack.Version] = [];
        }

        counter.Count(pack, slice.Hours[pack.Version]);
    }

    /// <summary>What was read in one go.</summary>
    private sealed class Slice
    {
        public IReadOnlyList<LogRange> Ranges { get; set; } = [];

        public Dictionary<int, string> Digests { get; } = [];

        public Dictionary<int, PackCounter> Counters { get; } = [];

        public Dictionary<int, Dictionary<long, HourProfile>> Hours { get; } = [];

        public int Packs { get; set; }

        public long Records { get; set; }

        /// <summary>There is more in the log.</summary>
        public bool IsTruncated { get; set; }

        public IEnumerable<int> WithoutReference => Digests.Where(digest => digest.Value.Length == 0).Select(digest => digest.Key);
    }

    private static partial class Log
    {
        [
            LoggerMessage(
                5002, LogLevel.Warning,
                "The clock was put back: the log of '{Model}' was closed before {Before:u}; hours from {After:u} on are open again, and "
                    + "what was counted of them counts once")]
        public static partial void ClockWentBack(ILogger logger, ModelName model, DateTimeOffset before, DateTimeOffset after);

        [
            LoggerMessage(
                5000, LogLevel.Information,
                "Folded {Records} records of '{Model}' ({Packs} packs) into {Rows} hour rows with {Transactions} storage transactions")]
        public static partial void Folded(ILogger logger, ModelName model, long records, int packs, int rows, long transactions);
    }
}
