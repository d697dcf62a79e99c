using System.Globalization;
using Azure.Data.Tables;
using Modeldrop.Names;
using Modeldrop.Storage;

namespace Modeldrop.Scoring.Failures;

/// <summary>Failed requests by hour in the table <c>Failures</c>: one partition per model, one row per hour, version and process.</summary>
/// <remarks>Rows contain totals and are overwritten, so writing one twice changes nothing. Thread-safe.</remarks>
public sealed class FailureStore(StorageAccount account)
{
    private const string Failures = "Failures";
    private const string What = "the failed requests";
    private const int HourDigits = 10;

    private readonly TableClient _table = account.Table(TableNames.Failures);

    /// <summary>
    /// Failed requests of a version by hour, from <paramref name="fromHour"/> up to but not including <paramref name="toHour"/>; hours
    /// without any are left out. One transaction for up to 1,000 rows.
    /// </summary>
    /// <exception cref="Errors.ServiceException"><see cref="Errors.ErrorCode.StoreUnavailable"/>.</exception>
    public async Task<IReadOnlyDictionary<long, long>> ReadAsync(
        VersionName version, long fromHour, long toHour, CancellationToken cancellationToken)
    {
        string filter = TableClient.CreateQueryFilter(
            $"PartitionKey eq {version.Model.Value} and RowKey ge {KeyOf(fromHour)} and RowKey lt {KeyOf(toHour)}");
        string marker = $"!{NumberOf(version)}!";
        Dictionary<long, long> hours = [];
        await foreach (TableEntity row in StoreCall.EnumerateAsync(
            What, _table.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken), cancellationToken))
        {
            if (row.RowKey.Contains(marker, StringComparison.Ordinal))
            {
                long hour = long.Parse(row.RowKey.AsSpan(0, HourDigits), CultureInfo.InvariantCulture);
                hours[hour] = hours.GetValueOrDefault(hour) + row.GetInt64(Failures)!.Value;
            }
        }

        return hours;
    }

    /// <summary>Writes one process's total for an hour. One transaction.</summary>
    /// <exception cref="Errors.ServiceException"><see cref="Errors.ErrorCode.StoreUnavailable"/>.</exception>
    internal Task WriteAsync(FailureHour hour, string writer, long count, CancellationToken cancellationToken) =>
        StoreCall.RunAsync(What, () => _table.UpsertEntityAsync(
            new TableEntity(hour.Version.Model.Value, $"{KeyOf(hour.Hour)}!{NumberOf(hour.Version)}!{writer}") { [Failures] = count },
            TableUpdateMode.Replace, cancellationToken));

    /// <summary>Deletes the hours before an instant.</summary>
    /// <exception cref="Errors.ServiceException"><see cref="Errors.ErrorCode.StoreUnavailable"/>.</exception>
    public async Task DeleteBeforeAsync(DateTimeOffset instant, CancellationToken cancellationToken)
    {
        string filter = TableClient.CreateQueryFilter($"RowKey lt {KeyOf(FailureHours.HourOf(instant))}");
        await foreach (TableEntity row in StoreCall.EnumerateAsync(
            What, _table.QueryAsync<TableEntity>(filter, select: ["PartitionKey", "RowKey"], cancellationToken: cancellationToken),
            cancellationToken))
        {
            await StoreCall.RunAsync(What, () => _table.DeleteEntityAsync(row, Azure.ETag.All, cancellationToken));
        }
    }

    private static string KeyOf(long hour) => hour.ToString($"D{HourDigits}", CultureInfo.InvariantCulture);

    private static string NumberOf(VersionName version) => version.Number.ToString("D6", CultureInfo.InvariantCulture);
}
