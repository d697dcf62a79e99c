using System.Globalization;
using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Storage;

namespace Modeldrop.Monitoring.Alerts;

/// <summary>
/// Alerts, the conditions that hold now, and the outbox. All are in one partition, so that raising an alert is one transaction.
/// </summary>
/// <remarks>
/// Rows: <c>c!&lt;model&gt;!&lt;kind&gt;!&lt;version&gt;</c>, a condition that holds; <c>a!&lt;falling time&gt;!&lt;id&gt;</c>, an alert;
/// <c>p!&lt;id&gt;</c>, the key of an alert in the outbox. A condition has exactly one row, so it is reported once, even after a crash or a
/// repeated run. <c>Lifecycle/Consequences</c> decides what is reported.
/// </remarks>
public sealed class AlertStore(StorageAccount account, TimeProvider clock)
{
    private const string Partition = "alerts";
    private const string What = "the alerts";

    /// <summary>The largest difference between the instances' clocks that is tolerated.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(1);

    private readonly TableClient _table = account.Table(TableNames.Alerts);

    /// <summary>Reports that a condition holds, unless it was already reported.</summary>
    /// <returns>The alert; null when the condition already held.</returns>
    public Task<Alert?> RaiseAsync(
        VersionName version, AlertKind kind, string summary, JsonElement data, string? receiver,
        CancellationToken cancellationToken) =>
        StoreCall.RunAsync(What, async () =>
        {
            Alert alert = New(version, kind, resolved: false, summary, data, receiver);
            var condition = new TableEntity(
                Partition, ConditionKey(version, kind)) { ["AlertId"] = alert.Id, ["Since"] = alert.At, ["Receiver"] = receiver };
            return await TrySubmitAsync([new(TableTransactionActionType.Add, condition), .. Adds(alert)], cancellationToken) ? alert : null;
        });

    /// <summary>Whether a reported condition still holds.</summary>
    public Task<bool> IsRaisedAsync(VersionName version, AlertKind kind, CancellationToken cancellationToken) =>
        HasRowAsync(ConditionKey(version, kind), cancellationToken);

    /// <summary>Reports that a condition is over, if it held.</summary>
    /// <returns>The alert; null when the condition did not hold.</returns>
    public Task<Alert?> ResolveAsync(
        VersionName version, AlertKind kind, string summary, JsonElement data, CancellationToken cancellationToken) =>
        StoreCall.RunAsync<Alert?>(What, async () =>
        {
            NullableResponse<TableEntity> condition = await _table.GetEntityIfExistsAsync<TableEntity>(
                Partition, ConditionKey(version, kind), cancellationToken: cancellationToken);
            if (condition is not { HasValue: true, Value: { } known })
            {
                return null;
            }

            Alert alert = New(version, kind, resolved: true, summary, data, known.GetString("Receiver"));
            return await TrySubmitAsync([new(TableTransactionActionType.Delete, known, known.ETag), .. Adds(alert)], cancellationToken)
                ? alert
                : null;
        });

    /// <summary>Reports something once that is not a condition, such as a request.</summary>
    /// <param name="key">Each key is reported once.</param>
    public Task<Alert?> TellAsync(
        VersionName version, AlertKind kind, string key, string summary, JsonElement data, string? receiver,
        CancellationToken cancellationToken) =>
        StoreCall.RunAsync(What, async () =>
        {
            Alert alert = New(version, kind, resolved: false, summary, data, receiver);
            var told = new TableEntity(Partition, ToldKey(version.Model, kind, key)) { ["AlertId"] = alert.Id };
            return await TrySubmitAsync([new(TableTransactionActionType.Add, told), .. Adds(alert)], cancellationToken) ? alert : null;
        });

    /// <summary>Whether <see cref="TellAsync"/> has reported the key.</summary>
    public Task<bool> IsToldAsync(ModelName model, AlertKind kind, string key, CancellationToken cancellationToken) =>
        HasRowAsync(ToldKey(model, kind, key), cancellationToken);

    /// <summary>Lists alerts, newest first.</summary>
    public Task<AlertPage> ListAsync(AlertQuery asked, CancellationToken cancellationToken) =>
        StoreCall.RunAsync(What, async () =>
        {
            string low = asked.To is { } end ? $"a!{Falling(end)}!~" : "a!";
            string high = asked.From is { } start ? $"a!{Falling(start)}!~" : "a!~";
            low = asked.Page is { } page && string.CompareOrdinal(page, low) > 0 ? page : low;
            string filter = TableClient.CreateQueryFilter($"PartitionKey eq {Partition} and RowKey gt {low} and RowKey lt {high}");
            if (asked.Model?.Value is { } name)
            {
                filter = $"{filter} and {TableClient.CreateQueryFilter($"Model eq {name}")}";
            }

            if (asked.Status?.ToString() is { } word)
            {
                filter = $"{filter} and {TableClient.CreateQueryFilter($"Status eq {word}")}";
            }

            List<Alert> alerts = [];
            string? last = null;
            int atMost = asked.PageSize + 1;
            await foreach (TableEntity row in _table.QueryAsync<TableEntity>(filter, atMost, cancellationToken: cancellationToken))
            {
                if (alerts.Count == asked.PageSize)
                {
                    return new AlertPage(alerts, last);
                }

                alerts.Add(Read(row));
                last = row.RowKey;
            }

            return new AlertPage(alerts, null);
        });

    /// <summary>Lists the conditions that hold now, for the models between two names, both included. One query.</summary>
    public async Task<IReadOnlyList<RaisedCondition>> ListRaisedAsync(ModelName first, ModelName last, CancellationToken cancellationToken)
    {
        string filter = TableClient.CreateQueryFilter(
            $"PartitionKey eq {Partition} and RowKey ge {$"c!{first}!"} and RowKey lt {$"c!{last}!~"}");
        AsyncPageable<TableEntity> rows = _table.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken);
        return await StoreCall.EnumerateAsync(What, rows, cancellationToken)
            .Select(row => (Parts: row.RowKey.Split('!'), Since: row.GetDateTimeOffset("Since") ?? default))
            .Select(row => new RaisedCondition(
                ModelName.Parse(row.Parts[1]), int.Parse(row.Parts[3], CultureInfo.InvariantCulture),
                Enum.Parse<AlertKind>(row.Parts[2]), row.Since))
            .ToListAsync(cancellationToken);
    }

    /// <summary>Alerts whose next attempt is due. Includes alerts whose time was set by a clock that has since been set back.</summary>
    internal Task<List<StoredAlert>> DueAsync(CancellationToken cancellationToken) =>
        StoreCall.RunAsync(What, async () =>
        {
            DateTimeOffset now = clock.GetUtcNow();
            DateTimeOffset ahead = now + Tolerance;
            string filter = TableClient.CreateQueryFilter(
                $"PartitionKey eq {Partition} and RowKey gt 'p!' and RowKey lt 'p!~' and (NextAttemptAt le {now} or SetAt gt {ahead})");
            List<StoredAlert> due = [];
            await foreach (TableEntity pointer in _table.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken))
            {
                TableEntity row = await _table.GetEntityAsync<TableEntity>(
                    Partition, pointer.GetString("Key"), cancellationToken: cancellationToken);
                due.Add(new StoredAlert(Read(row), row, pointer));
            }

            return due;
        });

    /// <summary>Claims an alert for an attempt; false when another process has claimed it.</summary>
    /// <param name="until">If no result is stored by then, the alert is tried again.</param>
    internal Task<bool> TryClaimAsync(StoredAlert alert, DateTimeOffset until, CancellationToken cancellationToken) =>
        StoreCall.RunAsync(What, async () =>
        {
            alert.Pointer["NextAttemptAt"] = until;
            alert.Pointer["SetAt"] = clock.GetUtcNow();
            try
            {
                Response response = await _table.UpdateEntityAsync(
                    alert.Pointer, alert.Pointer.ETag, TableUpdateMode.Replace, cancellationToken);
                alert.Pointer.ETag = response.Headers.ETag!.Value;
                return true;
            }
            catch (RequestFailedException exception) when (exception.Status is 404 or 412)
            {
                return false;
            }
        });

    /// <summary>Stores the result of an attempt.</summary>
    internal Task ConcludeAsync(StoredAlert alert, Alert after, CancellationToken cancellationToken) =>
        StoreCall.RunAsync(What, async () =>
        {
            TableEntity row = Row(after, alert.Row.RowKey);
            alert.Pointer["NextAttemptAt"] = after.NextAttemptAt;
            alert.Pointer["SetAt"] = clock.GetUtcNow();
            TableTransactionAction pointer = after.Status == DeliveryStatus.Pending
                ? new TableTransactionAction(TableTransactionActionType.UpdateReplace, alert.Pointer, alert.Pointer.ETag)
                : new TableTransactionAction(TableTransactionActionType.Delete, alert.Pointer, alert.Pointer.ETag);
            await TrySubmitAsync([new(TableTransactionActionType.UpdateReplace, row, ETag.All), pointer], cancellationToken);
        });

    /// <summary>Sends a dead alert again, starting from the first attempt.</summary>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.FileNotFound"/>; <see cref="ErrorCode.OperationNotPending"/> if the alert is not dead.
    /// </exception>
    public async Task<Alert> ReviveAsync(string id, CancellationToken cancellationToken)
    {
        string filter = TableClient.CreateQueryFilter($"PartitionKey eq {Partition} and RowKey gt 'a!' and RowKey lt 'a!~' and Id eq {id}");
        List<TableEntity> rows = await StoreCall.RunAsync(
            What,
            () => _table.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken).ToListAsync(cancellationToken).AsTask());
        if (rows is not [var row])
        {
            throw new ServiceException(ErrorCode.FileNotFound, $"There is no alert '{id}'.");
        }

        Alert alert = Read(row);
        Alert again = alert.Status == DeliveryStatus.Dead
            ? alert with { Status = DeliveryStatus.Pending, Attempts = 0, NextAttemptAt = clock.GetUtcNow() }
            : throw new ServiceException(ErrorCode.OperationNotPending, $"Alert '{id}' is {alert.Status}, not dead.");
        await StoreCall.RunAsync(What, () => TrySubmitAsync(
            [
                new(TableTransactionActionType.UpdateReplace, Row(again, row.RowKey), row.ETag),
                new(TableTransactionActionType.Add, PointerOf(again, row.RowKey)),
            ],
            cancellationToken));
        return again;
    }

    private Task<bool> HasRowAsync(string key, CancellationToken cancellationToken) =>
        StoreCall.RunAsync(What, async () =>
            (await _table.GetEntityIfExistsAsync<TableEntity>(Partition, key, ["RowKey"], cancellationToken)).HasValue);

    private Alert New(VersionName version, AlertKind kind, bool resolved, string summary, JsonElement data, string? receiver)
    {
        DateTimeOffset now = clock.GetUtcNow();
        return new Alert(
            Guid.CreateVersion7(now).ToString("N"), kind, resolved, version.Model, version.Number, now, summary, data, receiver,
            receiver is null ? DeliveryStatus.Listed : DeliveryStatus.Pending, 0, receiver is null ? null : now, null, null);
    }

    private static IEnumerable<TableTransactionAction> Adds(Alert alert)
    {
        string key = $"a!{Falling(alert.At)}!{alert.Id}";
        yield return new TableTransactionAction(TableTransactionActionType.Add, Row(alert, key));
        if (alert.Status == DeliveryStatus.Pending)
        {
            yield return new TableTransactionAction(TableTransactionActionType.Add, PointerOf(alert, key));
        }
    }

    private static TableEntity PointerOf(Alert alert, string key) =>
        new(Partition, $"p!{alert.Id}") { ["Key"] = key, ["NextAttemptAt"] = alert.NextAttemptAt, ["SetAt"] = alert.NextAttemptAt };

    private async Task<bool> TrySubmitAsync(IEnumerable<TableTransactionAction> actions, CancellationToken cancellationToken)
    {
        try
        {
            await _table.SubmitTransactionAsync(actions, cancellationToken);
            return true;
        }
        catch (TableTransactionFailedException exception) when (exception.Status is 404 or 409 or 412)
        {
            return false;
        }
    }

    private static TableEntity Row(Alert alert, string key)
    {
        var row = new TableEntity(Partition, key)
        {
            [nameof(Alert.Id)] = alert.Id,
            [nameof(Alert.Model)] = alert.Model.Value,
            [nameof(Alert.Status)] = alert.Status.ToString(),
        };
        row.WriteChunks(JsonSerializer.SerializeToUtf8Bytes(alert, StoredJson.Options));
        return row;
    }

    private static Alert Read(TableEntity row) => JsonSerializer.Deserialize<Alert>(row.ReadChunks(), StoredJson.Options)!;

    private static string ConditionKey(VersionName version, AlertKind kind) =>
        string.Create(CultureInfo.InvariantCulture, $"c!{version.Model}!{kind}!{version.Number:d6}");

    private static string ToldKey(ModelName model, AlertKind kind, string key) => $"t!{model}!{kind}!{key}";

    private static string Falling(DateTimeOffset at) =>
        (DateTimeOffset.MaxValue.UtcTicks - at.UtcTicks).ToString("d19", CultureInfo.InvariantCulture);
}

/// <param name="Pointer">The alert's row in the outbox.</param>
internal sealed record StoredAlert(Alert Alert, TableEntity Row, TableEntity Pointer);
