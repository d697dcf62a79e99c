using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using Modeldrop.Names;
using Modeldrop.Predictions.Feedback;
using Modeldrop.Storage;

namespace Modeldrop.Monitoring.Performance;

/// <summary>A window that the hourly check has evaluated.</summary>
/// <param name="Worse">Each text begins with the metric; empty: nothing was worse.</param>
/// <param name="Estimate">Null: the version has no estimate, or too few labels.</param>
public sealed record JudgedWindow(DateTimeOffset From, DateTimeOffset To, IReadOnlyList<string> Worse, EstimateVerdict? Estimate);

/// <summary>Stores which windows of a version were evaluated by feedback, so that each is evaluated once.</summary>
public sealed class JudgedWindows(StorageAccount account, FeedbackStore feedback)
{
    private const string What = "the judged windows";

    private readonly TableClient _table = account.Table(TableNames.Profiles);

    /// <summary>Whether the window was not evaluated yet and enough labels have arrived. At most two transactions.</summary>
    public async Task<bool> IsWorthJudgingAsync(
        VersionName version, DateTimeOffset from, DateTimeOffset to, int leastLabels, CancellationToken cancellationToken)
    {
        NullableResponse<TableEntity> judged = await StoreCall.RunAsync(What, () => _table.GetEntityIfExistsAsync<TableEntity>(
            PartitionOf(version.Model), RowKeyOf(version.Number, from), ["RowKey"], cancellationToken));
        return !judged.HasValue && (await feedback.ReadAsync(version.Model, from, to, null, cancellationToken)).Values.Sum(
            entry => entry.Known) >= leastLabels;
    }

    /// <summary>Marks a window as evaluated. Safe to repeat.</summary>
    public Task MarkAsync(VersionName version, JudgedWindow window, CancellationToken cancellationToken) =>
        StoreCall.RunAsync<Response>(What, () => _table.UpsertEntityAsync(
            new TableEntity(PartitionOf(version.Model), RowKeyOf(version.Number, window.From))
            {
                ["Window"] = JsonSerializer.Serialize(window, StoredJson.Options),
            }, TableUpdateMode.Replace, cancellationToken));

    /// <summary>Lists a version's windows that begin before the given instant, in order of time. One query.</summary>
    /// <param name="asOf">Windows evaluated later are left out; null: none is.</param>
    public async Task<IReadOnlyList<JudgedWindow>> ListAsync(
        VersionName version, DateTimeOffset before, DateTimeOffset? asOf, CancellationToken cancellationToken)
    {
        string first = $"{version.Number:d6}!";
        string filter = TableClient.CreateQueryFilter(
            $"PartitionKey eq {PartitionOf(version.Model)} and RowKey ge {first} and RowKey lt {RowKeyOf(version.Number, before)}");
        return await StoreCall.EnumerateAsync(
            What, _table.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken), cancellationToken)
            .Where(row => asOf is null || row.Timestamp <= asOf)
            .Select(row => JsonSerializer.Deserialize<JudgedWindow>(row.GetString("Window"), StoredJson.Options)!)
            .ToListAsync(cancellationToken);
    }

    private static string PartitionOf(ModelName model) => $"f!{model}";

    private static string RowKeyOf(int version, DateTimeOffset from) => $"{version:d6}!{from.UtcTicks:x16}";
}
