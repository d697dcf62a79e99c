using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using Modeldrop.Predictions;
using Modeldrop.Predictions.Feedback;
using Modeldrop.Registry;
using Modeldrop.Storage;

namespace Modeldrop.Monitoring.Performance;

/// <summary>Which windows of a version have been judged by its feedback, so that each is judged once.</summary>
public sealed class JudgedWindows(StorageAccount account, FeedbackStore feedback)
{
    private const string What = "the judged windows";

    private readonly TableClient _table = account.Table(TableNames.Profiles);

    /// <summary>Whether it has not been judged and enough labels have come. At most two transactions.</summary>
    public async Task<bool> IsWorthJudgingAsync(ModelName model, int version, DateTimeOffset from, DateTimeOffset to, int leastLabels, CancellationToken cancellationToken)
    {
        bool isJudged = await StoreCall.RunAsync(What, async () =>
            (await _table.GetEntityIfExistsAsync<TableEntity>(PartitionOf(model), RowKeyOf(version, from), ["RowKey"], cancellationToken)).HasValue);
        return !isJudged && (await feedback.ReadAsync(model, from, to, null, new StorageMeter(), cancellationToken)).Values.Sum(
            entry => entry.Known) >= leastLabels;
    }

    /// <summary>Safe to repeat.</summary>
    public Task MarkAsync(ModelName model, int version, DateTimeOffset from, IReadOnlyList<string> worse, CancellationToken cancellationToken) =>
        StoreCall.RunAsync<Response>(What, () => _table.UpsertEntityAsync(
            new TableEntity(PartitionOf(model), RowKeyOf(version, from)) { ["Worse"] = JsonSerializer.Serialize(worse) }, TableUpdateMode.Replace, cancellationToken));

    private static string PartitionOf(ModelName model) => $"f!{model}";

    private static string RowKeyOf(int version, DateTimeOffset from) => $"{version:d6}!{from.UtcTicks:x16}";
}
