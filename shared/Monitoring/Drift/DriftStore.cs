using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Storage;

namespace Modeldrop.Monitoring.Drift;

/// <summary>Stores the reports of drift checks: one partition per model, newest first.</summary>
public sealed class DriftStore(StorageAccount account)
{
    private const string Headlines = "headline";
    private const int MaxSummary = 1_000;

    private readonly TableClient _table = account.Table(TableNames.Profiles);

    /// <summary>Adds a report. Adding the same report again changes nothing.</summary>
    public async Task WriteAsync(ModelName model, DriftReport report, CancellationToken cancellationToken)
    {
        string summary = report.Summary.Length <= MaxSummary ? report.Summary : report.Summary[..MaxSummary] + "…";
        var entity = new TableEntity(PartitionOf(model), RowKeyOf(report))
        {
            [nameof(DriftReport.Version)] = report.Version,
            [nameof(DriftReport.Status)] = report.Status.ToString(),
            [nameof(DriftReport.Drifted)] = report.Drifted,
            [nameof(DriftReport.Summary)] = summary,
        };
        entity.WriteChunks(Compress(JsonSerializer.SerializeToUtf8Bytes(report, StoredJson.Options)));
        try
        {
            await _table.UpsertEntityAsync(entity, TableUpdateMode.Replace, cancellationToken);
            await _table.UpsertEntityAsync(EntityOf(DriftHeadline.Of(report), summary), TableUpdateMode.Replace, cancellationToken);
        }
        catch (Exception exception) when (exception.IsStorageFailure())
        {
            throw exception.ToUnavailable("the drift reports");
        }
    }

    /// <summary>The latest report of a model, or of one of its versions; null if there is none.</summary>
    public async Task<DriftReport?> FindLatestAsync(ModelName model, int? version, CancellationToken cancellationToken) =>
        await ListAsync(model, version, 1, cancellationToken) is [var latest] ? latest : null;

    /// <summary>Reports of a model, or of one of its versions, newest first.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.StoreUnavailable"/>.</exception>
    public async Task<IReadOnlyList<DriftReport>> ListAsync(ModelName model, int? version, int limit, CancellationToken cancellationToken)
    {
        string partition = PartitionOf(model);
        string filter = version is { } number
            ? TableClient.CreateQueryFilter($"PartitionKey eq {partition} and Version eq {number}")
            : TableClient.CreateQueryFilter($"PartitionKey eq {partition}");
        var reports = new List<DriftReport>();
        try
        {
            await foreach (
                TableEntity entity in _table.QueryAsync<TableEntity>(filter, Math.Min(limit, 1000), cancellationToken: cancellationToken))
            {
                reports.Add(JsonSerializer.Deserialize<DriftReport>(Decompress(entity.ReadChunks()), StoredJson.Options)!);
                if (reports.Count == limit)
                {
                    break;
                }
            }
        }
        catch (Exception exception) when (exception.IsStorageFailure())
        {
            throw exception.ToUnavailable("the drift reports");
        }

        return reports;
    }

    /// <summary>Lists the verdicts of a model's reports, newest first, without their features. One query for up to 1,000.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.StoreUnavailable"/>.</exception>
    public async Task<IReadOnlyList<DriftVerdict>> ListVerdictsAsync(ModelName model, int limit, CancellationToken cancellationToken)
    {
        string partition = PartitionOf(model);
        string[] columns = ["RowKey", nameof(DriftReport.Status), nameof(DriftReport.Drifted), nameof(DriftReport.Summary)];
        AsyncPageable<TableEntity> rows = _table.QueryAsync<TableEntity>(
            TableClient.CreateQueryFilter($"PartitionKey eq {partition}"), Math.Min(limit, 1000), columns, cancellationToken);
        return await StoreCall.EnumerateAsync("the drift reports", rows, cancellationToken)
            .Take(limit)
            .Select(row => new DriftVerdict(
                CheckedAtOf(row.RowKey), row.GetString(nameof(DriftReport.Status)) == nameof(DriftStatus.Checked),
                row.GetBoolean(nameof(DriftReport.Drifted))!.Value, row.GetString(nameof(DriftReport.Summary))))
            .ToListAsync(cancellationToken);
    }

    /// <summary>Lists the latest report of each version, for the models between two names, both included. One query.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.StoreUnavailable"/>.</exception>
    public async Task<IReadOnlyList<DriftHeadline>> ListHeadlinesAsync(ModelName first, ModelName last, CancellationToken cancellationToken)
    {
        string filter = TableClient.CreateQueryFilter(
            $"PartitionKey eq {Headlines} and RowKey ge {$"{first}!"} and RowKey lt {$"{last}!~"}");
        return await StoreCall.EnumerateAsync(
            "the drift reports", _table.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken), cancellationToken)
            .Select(row => new DriftHeadline(
                ModelName.Parse(row.RowKey.Split('!')[0]),
                row.GetInt32(nameof(DriftHeadline.Version))!.Value,
                row.GetBoolean(nameof(DriftHeadline.HasVerdict))!.Value,
                row.GetInt32(nameof(DriftHeadline.Drifted))!.Value,
                row.GetInt32(nameof(DriftHeadline.Features))!.Value,
                row.GetString(nameof(DriftHeadline.Summary))))
            .ToListAsync(cancellationToken);
    }

    private static TableEntity EntityOf(DriftHeadline headline, string summary) => new(Headlines, $"{headline.Model}!{headline.Version:d6}")
    {
        [nameof(DriftHeadline.Version)] = headline.Version,
        [nameof(DriftHeadline.HasVerdict)] = headline.HasVerdict,
        [nameof(DriftHeadline.Drifted)] = headline.Drifted,
        [nameof(DriftHeadline.Features)] = headline.Features,
        [nameof(DriftHeadline.Summary)] = summary,
    };

    private static string PartitionOf(ModelName model) => $"d!{model}";

    private static string RowKeyOf(DriftReport report) =>
        $"{DateTimeOffset.MaxValue.UtcTicks - report.CheckedAt.UtcTicks:d19}!{report.Version:d6}";

    private static DateTimeOffset CheckedAtOf(string rowKey) => new(
        DateTimeOffset.MaxValue.UtcTicks - long.Parse(rowKey.AsSpan(0, rowKey.IndexOf('!', StringComparison.Ordinal)),
            NumberStyles.None, CultureInfo.InvariantCulture), TimeSpan.Zero);

    private static byte[] Compress(byte[] json)
    {
        using var stream = new MemoryStream();
        using (var brotli = new BrotliStream(stream, CompressionLevel.Optimal))
        {
            brotli.Write(json);
        }

        return stream.ToArray();
    }

    private static byte[] Decompress(byte[] bytes)
    {
        using var brotli = new BrotliStream(new MemoryStream(bytes), CompressionMode.Decompress);
        using var json = new MemoryStream();
        brotli.CopyTo(json);
        return json.ToArray();
    }
}
