using System.Security.Cryptography;
using System.Text;
using Azure;
using Azure.Data.Tables;

namespace Modeldrop.Standalone.Blobs;

/// <summary>
/// Stores which version of a blob a function has processed. One entity for each function and existing blob: partition = function, row =
/// SHA-256 of <c>container/name</c>; a new version overwrites it.
/// </summary>
internal sealed class BlobReceipts(HostStorage storage, TimeProvider clock)
{
    private const string Done = "done";
    private const string Poison = "poison";
    private const int LongestError = 16_000;

    private TableClient Table => storage.Receipts;

    /// <summary>ETags by blob name.</summary>
    public async Task<Dictionary<string, string>> LoadAsync(string function, string container, CancellationToken cancellationToken)
    {
        await Table.CreateIfNotExistsAsync(cancellationToken);
        Dictionary<string, string> receipts = new(StringComparer.Ordinal);
        string filter = TableClient.CreateQueryFilter($"PartitionKey eq {function} and Container eq {container}");
        await foreach (
            TableEntity entity in Table.QueryAsync<TableEntity>(filter, select: ["Blob", "Version"], cancellationToken: cancellationToken))
        {
            receipts[entity.GetString("Blob")] = entity.GetString("Version");
        }

        return receipts;
    }

    public Task SetDoneAsync(string function, string container, string blob, string version, CancellationToken cancellationToken) =>
        Table.UpsertEntityAsync(Entity(function, container, blob, version, Done), TableUpdateMode.Replace, cancellationToken);

    /// <summary>Writes the poison record: the blob is ignored until it changes.</summary>
    public Task SetPoisonAsync(
        string function, string container, string blob, string version, Exception error, CancellationToken cancellationToken)
    {
        TableEntity entity = Entity(function, container, blob, version, Poison);
        string text = error.ToString();
        entity["Error"] = text[..Math.Min(text.Length, LongestError)];
        return Table.UpsertEntityAsync(entity, TableUpdateMode.Replace, cancellationToken);
    }

    /// <summary>Deletes the receipt of a deleted blob.</summary>
    public Task DeleteAsync(string function, string container, string blob, CancellationToken cancellationToken) =>
        Table.DeleteEntityAsync(function, RowKey(container, blob), ETag.All, cancellationToken);

    private TableEntity Entity(string function, string container, string blob, string version, string state) =>
        new(function, RowKey(container, blob))
    {
        ["Container"] = container,
        ["Blob"] = blob,
        ["Version"] = version,
        ["State"] = state,
        ["At"] = clock.GetUtcNow(),
    };

    private static string RowKey(string container, string blob) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{container}/{blob}")));
}
