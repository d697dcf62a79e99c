using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using Modeldrop.Errors;
using Modeldrop.Storage;

namespace Modeldrop.Access;

/// <summary>The API keys, one row each. Thread-safe.</summary>
internal sealed class KeyStore(StorageAccount account)
{
    private const string Partition = "key";

    /// <summary>The row that prevents two processes from both writing a first key.</summary>
    private const string FirstRow = "$first";

    private const string What = "the keys";

    private readonly TableClient _table = account.Table(TableNames.Access);

    /// <summary>Lists all keys, including expired and revoked ones. One transaction for each thousand.</summary>
    public async Task<IReadOnlyList<AccessKey>> ListAsync(CancellationToken cancellationToken)
    {
        string filter = TableClient.CreateQueryFilter($"PartitionKey eq {Partition} and RowKey gt {FirstRow}");
        AsyncPageable<TableEntity> rows = _table.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken);
        return await StoreCall.EnumerateAsync(What, rows, cancellationToken).Select(Read).ToListAsync(cancellationToken);
    }

    public Task AddAsync(AccessKey key, CancellationToken cancellationToken) =>
        StoreCall.RunAsync(What, () => _table.AddEntityAsync(Write(key), cancellationToken));

    /// <summary>Adds the first key of an installation that has never had one.</summary>
    /// <returns>False: another process was first, or there has been a key before.</returns>
    public Task<bool> TryAddFirstAsync(AccessKey key, CancellationToken cancellationToken) =>
        StoreCall.RunAsync(What, async () =>
        {
            try
            {
                await _table.SubmitTransactionAsync(
                    [
                        new TableTransactionAction(TableTransactionActionType.Add, new TableEntity(Partition, FirstRow)),
                        new TableTransactionAction(TableTransactionActionType.Add, Write(key)),
                    ],
                    cancellationToken);
                return true;
            }
            catch (RequestFailedException exception) when (exception.Status == 409)
            {
                return false;
            }
        });

    /// <summary>Revokes a key; a revoked key stays unchanged.</summary>
    public Task RevokeAsync(AccessKey key, DateTimeOffset at, string by, CancellationToken cancellationToken) =>
        MergeAsync(new TableEntity(Partition, key.Id) { ["RevokedAt"] = at, ["RevokedBy"] = by }, cancellationToken);

    public Task SetLastUseAsync(string id, DateTimeOffset at, CancellationToken cancellationToken) =>
        MergeAsync(new TableEntity(Partition, id) { ["LastUsedAt"] = at }, cancellationToken);

    private Task<Response> MergeAsync(TableEntity row, CancellationToken cancellationToken) =>
        StoreCall.RunAsync(What, () => _table.UpdateEntityAsync(row, ETag.All, TableUpdateMode.Merge, cancellationToken));

    private static TableEntity Write(AccessKey key) => new(Partition, key.Id)
    {
        ["Name"] = key.Name,
        ["Role"] = key.Role.ToString(),
        ["Scope"] = JsonSerializer.Serialize(key.Scope.Items),
        ["CreatedAt"] = key.CreatedAt,
        ["CreatedBy"] = key.CreatedBy,
        ["ExpiresAt"] = key.ExpiresAt,
        ["Salt"] = key.Salt,
        ["Hash"] = key.Hash,
    };

    private static AccessKey Read(TableEntity row)
    {
        List<string> violations = [];
        var scope = Scope.Parse(JsonSerializer.Deserialize<string[]>(row.GetString("Scope")), violations);
        Role? role = RoleTable.Find(row.GetString("Role"));
        if (violations.Count > 0 || role is null)
        {
            throw new ServiceException(ErrorCode.StoreUnavailable, $"The row of key '{row.RowKey}' does not have this version's format.");
        }

        return new AccessKey(
            row.RowKey, row.GetString("Name"), role.Value, scope, row.GetDateTimeOffset("CreatedAt")!.Value, row.GetString("CreatedBy"),
            row.GetDateTimeOffset("ExpiresAt"), row.GetDateTimeOffset("RevokedAt"), row.GetString("RevokedBy"),
            row.GetDateTimeOffset("LastUsedAt"))
        {
            Salt = row.GetBinary("Salt"),
            Hash = row.GetBinary("Hash"),
        };
    }
}
