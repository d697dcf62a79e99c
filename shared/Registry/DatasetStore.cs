using System.Globalization;
using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Storage;

namespace Modeldrop.Registry;

/// <summary>Data sets and their uses. Each name has a partition with rows for versions, digests and uses, and a head that counts.</summary>
/// <remarks>
/// Thread-safe; every method may be repeated. A use is a row of its own, so a data set may have any number. Throws
/// <see cref="ErrorCode.StoreUnavailable"/>.
/// </remarks>
public sealed partial class DatasetStore(StorageAccount account, TimeProvider clock)
{
    private const int MaxAttempts = 50;
    private const string HeadKey = "head";
    private const string LatestColumn = "Latest";
    private const string VersionColumn = "Version";

    private readonly TableClient _table = account.Table(TableNames.Datasets);
    private readonly StoreTurns _turns = new();

    /// <summary>
    /// Creates the next version. If the data set already has these bytes, returns that version with its first description.
    /// </summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.RegistryConflict"/> when other writers were faster every time.</exception>
    public Task<DatasetReference> RegisterAsync(DatasetRegistration registration, CancellationToken cancellationToken) =>
        _turns.RunAsync(registration.Name.Value, () => RegisterInTurnAsync(registration, cancellationToken), cancellationToken);

    private Task<DatasetReference> RegisterInTurnAsync(DatasetRegistration registration, CancellationToken cancellationToken) =>
        StoreCall.RunAsync($"data set '{registration.Name}'", async () =>
        {
            string name = registration.Name.Value;
            for (int attempt = 1; attempt <= MaxAttempts; attempt++)
            {
                TableEntity? head = await FindRowAsync(name, HeadKey, cancellationToken);
                if (await FindRowAsync(name, DigestKey(registration.Digest), cancellationToken) is { } known)
                {
                    return new DatasetReference(name, known.GetInt32(VersionColumn)!.Value, registration.Digest);
                }

                int version = (head?.GetInt32(LatestColumn) ?? 0) + 1;
                if (await TryAddAsync(registration, version, head?.ETag, cancellationToken))
                {
                    return new DatasetReference(name, version, registration.Digest);
                }

                await StoreBackOff.WaitAsync(attempt, cancellationToken);
            }

            throw new ServiceException(
                ErrorCode.RegistryConflict, $"Others registered data set '{registration.Name}' at the same time; try again.");
        });

    /// <summary>Records that a version of a model came from the data set.</summary>
    /// <param name="path">See <see cref="DatasetUse.Path"/>.</param>
    public Task LinkAsync(DatasetReference dataset, VersionName version, string? path, CancellationToken cancellationToken)
    {
        var row = new TableEntity(dataset.Name, $"{UsesPrefix(dataset.Version)}{version.Model}|{Number(version.Number)}")
        {
            ["Model"] = version.Model.Value,
            [VersionColumn] = version.Number,
            ["Path"] = path,
        };
        return StoreCall.RunAsync(
            $"data set '{dataset.Name}'", () => _table.UpsertEntityAsync(row, TableUpdateMode.Replace, cancellationToken));
    }

    /// <summary>Returns a version with its uses; null if it does not exist.</summary>
    public Task<DatasetVersion?> FindAsync(DatasetName name, int version, CancellationToken cancellationToken) =>
        StoreCall.RunAsync($"data set '{name}'", async () =>
        {
            if (await FindRowAsync(name.Value, Number(version), cancellationToken) is not { } row)
            {
                return null;
            }

            string from = UsesPrefix(version);
            string to = from[..^1] + "}";
            List<DatasetUse> uses = await _table
                .QueryAsync<TableEntity>(
                    TableClient.CreateQueryFilter(
                        $"PartitionKey eq {name.Value} and RowKey ge {from} and RowKey lt {to}"), cancellationToken: cancellationToken)
                .Select(
                    use => new DatasetUse(
                        ModelName.Parse(use.GetString("Model")), use.GetInt32(VersionColumn)!.Value, use.GetString("Path")))
                .ToListAsync(cancellationToken);
            return Read(row) with { Uses = uses };
        });

    /// <summary>Returns the version with these bytes and its uses; null if the data set has none.</summary>
    public async Task<DatasetVersion?> FindAsync(DatasetName name, string digest, CancellationToken cancellationToken)
    {
        TableEntity? row = await StoreCall.RunAsync(
            $"data set '{name}'", () => FindRowAsync(name.Value, DigestKey(digest), cancellationToken));
        return row is null ? null : await FindAsync(name, row.GetInt32(VersionColumn)!.Value, cancellationToken);
    }

    /// <summary>Lists all versions of a data set in order, without their uses and profiles; empty if the data set does not exist.</summary>
    public async Task<IReadOnlyList<DatasetVersion>> ListVersionsAsync(DatasetName name, CancellationToken cancellationToken)
    {
        // Only version rows start with a digit; ':' follows '9'.
        AsyncPageable<TableEntity> rows = _table.QueryAsync<TableEntity>(
            TableClient.CreateQueryFilter(
                $"PartitionKey eq {name.Value} and RowKey ge {"0"} and RowKey lt {":"}"), cancellationToken: cancellationToken);
        return await StoreCall.EnumerateAsync($"data set '{name}'", rows, cancellationToken)
            .Select(row => Read(row) with { Profile = null }).ToListAsync(cancellationToken);
    }

    /// <summary>Lists the latest version of every data set by name, without its uses and profile.</summary>
    public async Task<IReadOnlyList<DatasetVersion>> ListAsync(CancellationToken cancellationToken)
    {
        AsyncPageable<TableEntity> heads = _table.QueryAsync<TableEntity>(
            TableClient.CreateQueryFilter($"RowKey eq {HeadKey}"), cancellationToken: cancellationToken);
        var latest = new List<DatasetVersion>();
        await foreach (TableEntity head in StoreCall.EnumerateAsync("the data sets", heads, cancellationToken))
        {
            latest.Add(Read(head));
        }

        return latest;
    }

    private async Task<bool> TryAddAsync(DatasetRegistration registration, int version, ETag? head, CancellationToken cancellationToken)
    {
        var record = new DatasetVersion
        {
            Name = registration.Name.Value,
            Version = version,
            Digest = registration.Digest,
            Rows = registration.Rows,
            Columns = registration.Columns,
            Bytes = registration.Bytes,
            Uri = registration.Uri,
            Note = registration.Note,
            RegisteredAt = clock.GetUtcNow(),
            RegisteredBy = registration.RegisteredBy,
            File = registration.File,
        };

        // The head contains the latest version, so that listing all data sets takes one query.
        var headRow = new TableEntity(record.Name, HeadKey) { [LatestColumn] = version };
        var versionRow = new TableEntity(record.Name, Number(version));
        headRow.WriteChunks(JsonSerializer.SerializeToUtf8Bytes(record, StoredJson.Options));
        versionRow.WriteChunks(JsonSerializer.SerializeToUtf8Bytes(record with { Profile = registration.Profile }, StoredJson.Options));
        TableTransactionAction[] actions =
        [
            head is { } match
                ? new TableTransactionAction(TableTransactionActionType.UpdateReplace, headRow, match)
                : new TableTransactionAction(TableTransactionActionType.Add, headRow),
            new(TableTransactionActionType.Add, versionRow),
            new(TableTransactionActionType.Add, new TableEntity(record.Name, DigestKey(record.Digest)) { [VersionColumn] = version }),
        ];
        try
        {
            await _table.SubmitTransactionAsync(actions, cancellationToken);
            return true;
        }
        catch (TableTransactionFailedException exception) when (exception.Status is 409 or 412)
        {
            return false;
        }
    }

    private async Task<TableEntity?> FindRowAsync(string name, string key, CancellationToken cancellationToken)
    {
        NullableResponse<TableEntity> row = await _table.GetEntityIfExistsAsync<TableEntity>(
            name, key, cancellationToken: cancellationToken);
        return row.HasValue ? row.Value : null;
    }

    private static DatasetVersion Read(TableEntity row) =>
        JsonSerializer.Deserialize<DatasetVersion>(row.ReadChunks(), StoredJson.Options)!;

    private static string Number(int version) => version.ToString("D8", CultureInfo.InvariantCulture);

    private static string DigestKey(string digest) => $"digest|{digest}";

    private static string UsesPrefix(int version) => $"use|{Number(version)}|";
}
