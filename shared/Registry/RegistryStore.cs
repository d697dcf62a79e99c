using System.Runtime.CompilerServices;
using Azure;
using Azure.Data.Tables;
using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Storage;

namespace Modeldrop.Registry;

/// <summary>The registry's table: one partition for all models, one row for each event, and one head row a model.</summary>
/// <remarks>
/// With one partition, head, events and <c>revision</c> are written in one entity-group transaction, and all heads are one range scan;
/// 2,000 rows a second are far above what people and pipelines register. Thread-safe.
/// </remarks>
public sealed class RegistryStore(StorageAccount account, TimeProvider clock) : IHeadSource
{
    /// <summary>Size limit of a packed head: in base 64 and with its other properties it fits into an entity of 1 MiB.</summary>
    public const int MaxHeadBytes = 704 * 1024;

    /// <summary>Most events of one append: with the other rows of a write they stay below the 100 rows of a transaction.</summary>
    public const int MaxEventsPerAppend = 90;

    // Each failed attempt means that a writer in another process succeeded: only many competing processes reach this limit.
    private const int MaxAttempts = 50;

    private readonly TableClient _table = account.Table(TableNames.Registry);
    private readonly StoreTurns _turns = new();

    /// <summary>Raised after each append of this process; a handler must neither wait nor throw.</summary>
    public event Action? Appended;

    /// <summary>Returns a text that changes with every append to any model; null before the first. One point read.</summary>
    /// <remarks>Read it before the heads: heads newer than the revision are read once more, but older ones never stay.</remarks>
    public async Task<string?> ReadRevisionAsync(CancellationToken cancellationToken)
    {
        TableEntity? row = await FindRowAsync("the registry's revision", RegistryRows.RevisionKey, cancellationToken);
        return row?.GetString(RegistryRows.RevisionValue);
    }

    /// <summary>Lists all models by name, including archived ones.</summary>
    public async Task<IReadOnlyList<ModelHead>> ListHeadsAsync(CancellationToken cancellationToken)
    {
        AsyncPageable<TableEntity> rows = _table.QueryAsync<TableEntity>(RegistryRows.AllHeads(), cancellationToken: cancellationToken);
        return await StoreCall.EnumerateAsync("the models", rows, cancellationToken)
            .Select(RegistryRows.ReadHead)
            .Where(head => head.Exists)
            .ToListAsync(cancellationToken);
    }

    /// <summary>Lists the names of all models, including archived ones, without reading their heads.</summary>
    public IAsyncEnumerable<string> ListNamesAsync(CancellationToken cancellationToken) => StoreCall
        .EnumerateAsync(
            "the names of the models", _table.QueryAsync<TableEntity>(RegistryRows.AllNames(), cancellationToken: cancellationToken),
            cancellationToken)
        .Select(row => row.GetString(RegistryRows.ModelColumn));

    /// <summary>Finds the model with this name, or with one that differs only in case; null: none. One point read.</summary>
    public async Task<ModelName?> FindAlikeAsync(ModelName model, CancellationToken cancellationToken)
    {
        TableEntity? row = await FindRowAsync($"the name '{model}'", RegistryRows.NameKey(model), cancellationToken);
        return row is null ? null : ModelName.Parse(row.GetString(RegistryRows.ModelColumn));
    }

    /// <summary>Returns the model, archived or not; null if it does not exist.</summary>
    public async Task<ModelHead?> FindHeadAsync(ModelName model, CancellationToken cancellationToken)
    {
        (ModelHead head, _) = await ReadHeadAsync(model, cancellationToken);
        return head.Exists ? head : null;
    }

    /// <summary>
    /// Reads the head, lets <paramref name="decide"/> choose the events (an empty list: none), and writes events, head and revision in one
    /// transaction. If another writer was faster, it starts again from the new head.
    /// </summary>
    /// <param name="model">A model's name or <see cref="ModelName.Unnamed"/>.</param>
    /// <param name="decide">
    /// A pure function. It gets <see cref="ModelHead.Empty"/> for a new model and may throw a <see cref="ServiceException"/>. It must be
    /// idempotent, so it must check whether the head already has the wanted state: after a time-out nobody knows whether the write
    /// happened, so the SDK or the caller writes again, loses against its own first write, and decides once more on the head that contains
    /// it.
    /// </param>
    /// <returns>The head after the append.</returns>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.RegistryConflict"/> when other writers were faster every time; <see cref="ErrorCode.InvalidRequest"/> when a
    /// model's name differs from the new one only in case; <see cref="ErrorCode.StoreUnavailable"/>.
    /// </exception>
    public Task<ModelHead> AppendAsync(
        ModelName model, Func<ModelHead, IReadOnlyList<RegistryEvent>> decide, CancellationToken cancellationToken) =>
        AppendOnceAsync(model, null, (head, _) => decide(head), cancellationToken);

    /// <summary><see cref="AppendAsync"/> for an operation's activity, which may be repeated, even long after its first run.</summary>
    /// <param name="operation">Null: the second argument of <paramref name="decide"/> is empty.</param>
    /// <param name="decide">
    /// Gets the head and the events that this operation has already written to this model, in order; the head includes them.
    /// </param>
    /// <exception cref="ServiceException">As <see cref="AppendAsync"/>.</exception>
    public async Task<ModelHead> AppendOnceAsync(
        ModelName model, OperationId? operation, Func<ModelHead, IReadOnlyList<RegistryEvent>, IReadOnlyList<RegistryEvent>> decide,
        CancellationToken cancellationToken) =>
        (await TryAppendAsync(model, operation, null, decide, cancellationToken))!;

    /// <summary>
    /// Reads events of a model, oldest first, from <paramref name="from"/> (inclusive) to <paramref name="to"/> (exclusive): one request
    /// for 1,000 events.
    /// </summary>
    /// <param name="model">A model's name or <see cref="ModelName.Unnamed"/>.</param>
    public IAsyncEnumerable<RegistryEvent> ReadEventsAsync(
        ModelName model, DateTimeOffset? from, DateTimeOffset? to, CancellationToken cancellationToken)
    {
        string filter = RegistryRows.EventsOf(model);
        filter = from is null ? filter : filter.And($"At ge {from.Value}");
        filter = to is null ? filter : filter.And($"At lt {to.Value}");
        return QueryEventsAsync(filter, cancellationToken);
    }

    /// <summary>Reads the newest events of a model, oldest first: at most <paramref name="count"/>, in one request.</summary>
    /// <param name="head">The head as it was read; later events are not included.</param>
    public async Task<IReadOnlyList<RegistryEvent>> ReadNewestAsync(ModelHead head, int count, CancellationToken cancellationToken)
    {
        string filter = RegistryRows.EventsOf(head.Name, Math.Max(1, head.Sequence - count + 1), head.Sequence);
        return await QueryEventsAsync(filter, cancellationToken).ToListAsync(cancellationToken);
    }

    /// <summary>The message for names that differ only in case. They would be confused, and some stores treat them as equal.</summary>
    internal static string NameConflict(ModelName model, ModelName alike) =>
        $"There is a model '{alike}', whose name differs from '{model}' only in case. Use that name, or a different one.";

    /// <summary>Returns the stored head and the events that an operation has written to the model.</summary>
    internal async Task<(ModelHead Head, IReadOnlyList<RegistryEvent> Own)> ReadAsync(
        ModelName model, OperationId? operation, CancellationToken cancellationToken)
    {
        (ModelHead head, ETag? etag) = await ReadHeadAsync(model, cancellationToken);
        return (head, await ReadOwnAsync(model, etag, operation, cancellationToken));
    }

    /// <summary>
    /// Announces that <paramref name="operation"/> will write the files of a version that has no event yet. The last claim counts, so a
    /// dead operation blocks nobody: <see cref="TryAppendAsync"/> fails if another claim came after its own.
    /// </summary>
    internal async Task<VersionClaim> ClaimAsync(VersionName version, OperationId operation, CancellationToken cancellationToken)
    {
        TableEntity row = RegistryRows.Claim(version, operation);
        Response response = await StoreCall.RunAsync($"the registry of '{version.Model}'",
            () => _table.UpsertEntityAsync(row, TableUpdateMode.Replace, cancellationToken));
        return new VersionClaim(version.Model, response.Headers.ETag!.Value);
    }

    /// <returns>The head after the append; null if <paramref name="claim"/> is no longer the last one.</returns>
    internal Task<ModelHead?> TryAppendAsync(
        ModelName model,
        OperationId? operation,
        VersionClaim? claim,
        Func<ModelHead, IReadOnlyList<RegistryEvent>, IReadOnlyList<RegistryEvent>> decide,
        CancellationToken cancellationToken) =>
        _turns.RunAsync(model.Value, () => AppendInTurnAsync(model, operation, claim, decide, cancellationToken), cancellationToken);

    private async Task<ModelHead?> AppendInTurnAsync(
        ModelName model,
        OperationId? operation,
        VersionClaim? claim,
        Func<ModelHead, IReadOnlyList<RegistryEvent>, IReadOnlyList<RegistryEvent>> decide,
        CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            (ModelHead head, ETag? etag) = await ReadHeadAsync(model, cancellationToken);

            // Read after the head: an event that this read misses is later than the head's ETag, and then the write is refused.
            IReadOnlyList<RegistryEvent> own = await ReadOwnAsync(model, etag, operation, cancellationToken);
            IReadOnlyList<RegistryEvent> decided = decide(head, own);
            if (decided.Count == 0)
            {
                return head;
            }

            (ModelHead next, List<TableTransactionAction> actions) = Transaction(head, etag, decided, claim);
            if (await TrySubmitAsync(model, actions, cancellationToken))
            {
                Appended?.Invoke();
                return next;
            }

            if (!head.Exists && await FindAlikeAsync(model, cancellationToken) is { } alike && alike != model)
            {
                throw new ServiceException(ErrorCode.InvalidRequest, NameConflict(model, alike));
            }

            if (claim is not null && !await IsLastAsync(claim, cancellationToken))
            {
                return null;
            }

            if (attempt == MaxAttempts)
            {
                throw new ServiceException(
                    ErrorCode.RegistryConflict, $"Others wrote to '{model}' at the same time, {MaxAttempts} times; try again.");
            }

            await StoreBackOff.WaitAsync(attempt, cancellationToken);
        }
    }

    private async Task<(ModelHead Head, ETag? ETag)> ReadHeadAsync(ModelName model, CancellationToken cancellationToken)
    {
        TableEntity? row = await FindRowAsync($"the head of '{model}'", RegistryRows.HeadKey(model), cancellationToken);
        return row is null ? (ModelHead.Empty(model), null) : (RegistryRows.ReadHead(row), row.ETag);
    }

    // Events are written together with a head: without a head there are no events.
    private async Task<IReadOnlyList<RegistryEvent>> ReadOwnAsync(
        ModelName model, ETag? head, OperationId? operation, CancellationToken cancellationToken)
    {
        return operation is null || head is null
            ? []
            : await QueryEventsAsync(RegistryRows.EventsOf(model).And($"Operation eq {operation.Value.ToString()}"), cancellationToken)
                .ToListAsync(cancellationToken);
    }

    private (ModelHead Next, List<TableTransactionAction> Actions) Transaction(
        ModelHead head, ETag? etag, IReadOnlyList<RegistryEvent> decided, VersionClaim? claim)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(decided.Count, MaxEventsPerAppend, nameof(decided));

        // When a clock went back (another host's, or a correction), the times of events must still rise: otherwise "as of" would be wrong.
        DateTimeOffset now = clock.GetUtcNow();
        DateTimeOffset at = now > head.UpdatedAt ? now : head.UpdatedAt;
        ModelHead next = head;
        var events = new List<TableTransactionAction>();
        foreach (RegistryEvent one in decided)
        {
            RegistryEvent numbered = one with { Sequence = next.Sequence + 1, At = at };
            next = next.Apply(numbered);
            events.Add(new TableTransactionAction(TableTransactionActionType.Add, RegistryRows.Event(head.Name, numbered)));
        }

        TableEntity row = RegistryRows.Head(next);
        var actions = new List<TableTransactionAction>
        {
            etag is { } match
                ? new TableTransactionAction(TableTransactionActionType.UpdateReplace, row, match)
                : new TableTransactionAction(TableTransactionActionType.Add, row),
        };
        actions.AddRange(events);
        if (!head.Exists && next.Exists)
        {
            // Fails if the name of another model differs only in case.
            actions.Add(new TableTransactionAction(TableTransactionActionType.Add, RegistryRows.Name(next.Name)));
        }

        actions.Add(new TableTransactionAction(TableTransactionActionType.Add, RegistryRows.Unplaced(head, next)));
        actions.Add(new TableTransactionAction(TableTransactionActionType.UpsertReplace, RegistryRows.Revision()));
        if (claim is not null)
        {
            var claimed = new TableEntity(RegistryRows.Partition, RegistryRows.ClaimKey(claim.Model));
            actions.Add(new TableTransactionAction(TableTransactionActionType.Delete, claimed, claim.ETag));
        }

        return (next, actions);
    }

    private async Task<bool> TrySubmitAsync(ModelName model, List<TableTransactionAction> actions, CancellationToken cancellationToken) =>
        await StoreCall.RunAsync($"the registry of '{model}'", async () =>
        {
            try
            {
                await _table.SubmitTransactionAsync(actions, cancellationToken);
                return true;
            }
            catch (TableTransactionFailedException exception) when (exception.Status is 409 or 412
                || (exception.Status == 404 && actions[^1].ActionType == TableTransactionActionType.Delete))
            {
                return false;
            }
        });

    private async Task<bool> IsLastAsync(VersionClaim claim, CancellationToken cancellationToken)
    {
        TableEntity? row = await FindRowAsync($"the registry of '{claim.Model}'", RegistryRows.ClaimKey(claim.Model), cancellationToken);
        return row?.ETag == claim.ETag;
    }

    private Task<TableEntity?> FindRowAsync(string what, string key, CancellationToken cancellationToken) =>
        StoreCall.RunAsync(what, async () =>
        {
            NullableResponse<TableEntity> row = await _table.GetEntityIfExistsAsync<TableEntity>(
                RegistryRows.Partition, key, cancellationToken: cancellationToken);
            return row.HasValue ? row.Value : null;
        });

    private async IAsyncEnumerable<RegistryEvent> QueryEventsAsync(
        string filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        AsyncPageable<TableEntity> rows = _table.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken);
        await foreach (TableEntity row in StoreCall.EnumerateAsync("the registry's events", rows, cancellationToken))
        {
            yield return RegistryRows.ReadEvent(row).Event;
        }
    }
}
