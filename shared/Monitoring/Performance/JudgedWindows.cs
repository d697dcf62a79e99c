using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using Modeldrop.Names;
using Modeldrop.Predictions.Feedback;
using Modeldrop.Storage;

namespace Modeldrop.Monitoring.Performance;

/// <summary>A window that the hourly check has judged.</summary>
/// <param name="Worse">In words, each beginning with the metric; empty: nothing was worse.</param>
/// <param name="Estimate">Null: the version has no estimate, or too few labels.</param>
public sealed record JudgedWindow(DateTimeOffset From, DateTimeOffset To, IReadOnlyList<string> Worse, EstimateVerdict? Estimate);

/// <summary>Which windows of a version have been judged by its feedback, so that each is judged once.</summary>
public sealed class JudgedWindows(StorageAccount account, FeedbackStore feedback)
{
    private const string What = "the judged windows";

    private readonly TableClient _table = account.Table(TableNames.Profiles);

    /// <summary>Whether it has not been judged and enough labels have come. At most two transactions.</summary>
    public async Task<bool> IsWorthJudgingAsync(
        VersionName version, DateTimeOffset from, DateTimeOffset to, int leastLabels, CancellationToken cancellationToken)
    {
        bool isJudged = await StoreCall.RunAsync(What, async () =>
            (
                await _table.GetEntityIfExistsAsync<TableEntity>(
                    PartitionOf(version.Model), RowKeyOf(version.Number, from), ["RowKey"], cancellationToken)).HasValue);
        return !isJudged && (await feedback.ReadAsync(version.Model, from, to, null, cancellationToken)).Values.Sum(
            entry => entry.Known) >= leastLabels;
    }

    /// <summary>Safe to repeat.</summary>
    public Task MarkAsync(VersionName version, JudgedWindow window, CancellationToken cancellationToken) =>
        StoreCall.RunAsync<Response>(What, () => _table.UpsertEntityAsync(
            new TableEntity(PartitionOf(version.Model), RowKeyOf(version.Number, window.From))
            {
                ["Window"] = JsonSerializer.Serialize(window, StoredJson.Options),
            }, TableUpdateMode.Replace, cancellationToken));

    /// <summary>Those of a version that begin before an instant, by time: one query.</summary>
    /// <param name="asOf">Those judged later are left out; null: none is.</param>
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
