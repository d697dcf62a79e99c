using System.Security.Cryptography;
using Azure;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Microsoft.Extensions.Options;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Storage;

namespace Modeldrop.Tests.Acceptance.Crash;

/// <summary>Invariants of the account after all operations of a model have ended: every blob and row belongs to something.</summary>
/// <param name="head">The model's head; empty when it has none.</param>
internal sealed class StoreInvariants(StorageAccount account, ModelHead head)
{
    private readonly BlobContainerClient _models = account.Container(BlobContainers.Models);
    private readonly WorkSlots _slots = new(account, Options.Create(new LifecycleOptions()));

    /// <param name="versions">The versions to check; for all others only the folders are counted.</param>
    /// <param name="mayStage">A cancelled operation, whose copies stay until the orphan sweep; null: nothing may be staged.</param>
    /// <returns>The violated invariants, in words.</returns>
    public async Task<IReadOnlyList<string>> CheckAsync(IEnumerable<int> versions, string? mayStage = null)
    {
        List<string> violations =
        [
            .. (await NamesAsync(account.Container(BlobContainers.Staging), $"{head.Name}~"))
                .Where(
                    name => mayStage is null
                        || !name.StartsWith($"{mayStage}/", StringComparison.Ordinal)).Select(name => $"staging/{name} is left over."),
            .. await RowsAsync(TableNames.Registry, $"RowKey eq {$"claim|{head.Name}"}"),
            .. await RowsAsync(TableNames.Workflows, $"RowKey eq {head.Name.Value}"),
            .. (await _slots.ListAsync(SlotPool.Registration, CancellationToken.None))
                .Where(entry => entry.Operation.Model == head.Name)
                .Select(entry => $"{entry.Operation} has a slot, or waits for one."),
            .. await RowsAsync(TableNames.Rollouts, $"PartitionKey ge {$"{head.Name}~"} and PartitionKey lt {$"{head.Name}~~"}"),
        ];
        foreach (string folder in await FoldersAsync())
        {
            if (!int.TryParse(folder, out int number) || head.FindVersion(number) is null)
            {
                violations.Add($"models/{head.Name}/{folder}/ belongs to no version.");
            }
        }

        foreach (int version in versions)
        {
            violations.AddRange(await CheckVersionAsync(version));
        }

        return violations;
    }

    private async Task<IReadOnlyList<string>> CheckVersionAsync(int version)
    {
        string folder = $"{head.Name}/{version}/";
        Dictionary<string, byte[]> blobs = [];
        foreach (string name in await NamesAsync(_models, folder))
        {
            BlobDownloadResult content = await _models.GetBlobClient(name).DownloadContentAsync();
            blobs.Add(name[folder.Length..], content.Content.ToArray());
        }

        if (!blobs.Remove(ServiceFiles.Version, out byte[]? json))
        {
            return [$"models/{folder} has no {ServiceFiles.Version}."];
        }

        ModelVersion record = new BinaryData(json).ToObjectFromJson<ModelVersion>(StoredJson.Options)!;
        if (blobs.Remove(ServiceFiles.Late, out byte[]? late))
        {
            record = record.With(new BinaryData(late).ToObjectFromJson<LateDrop>(StoredJson.Options)!);
        }

        List<string> violations = [];
        foreach (VersionFile file in record.Files)
        {
            if (!blobs.Remove(file.StoredAt ?? file.Path, out byte[]? content)
                || Convert.ToHexStringLower(SHA256.HashData(content)) != file.Sha256)
            {
                violations.Add($"models/{folder}{file.Path} is not what the record says.");
            }
        }

        violations.AddRange(blobs.Keys.Except(VersionDocuments.All).Select(path => $"models/{folder}{path} belongs to nothing."));
        violations.AddRange(await CheckLineageAsync(record));
        return violations;
    }

    private async Task<IReadOnlyList<string>> CheckLineageAsync(ModelVersion record)
    {
        if (record.Dataset is not { } dataset)
        {
            return [];
        }

        DatasetVersion? stored = await new DatasetStore(account, TimeProvider.System).FindAsync(
            DatasetName.Parse(dataset.Name), dataset.Version, CancellationToken.None);
        int uses = stored?.Uses.Count(
            use => use.Model == record.Model
                && use.Version == record.Number
                && record.Files.Any(file => use.Path == $"{record.Model}/{record.Number}/{file.Path}")) ?? 0;
        return uses == 1 && stored!.Digest == dataset.Digest
            ? []
            : [$"Data set '{dataset.Name}' version {dataset.Version} has {uses} uses by version {record.Number}."];
    }

    private async Task<IReadOnlyList<string>> RowsAsync(string table, FormattableString filter) =>
        await account.Table(table).QueryAsync<TableEntity>(TableClient.CreateQueryFilter(filter))
            .Select(row => $"{table} has the row {row.PartitionKey}/{row.RowKey} left over.").ToListAsync();

    private static async Task<List<string>> NamesAsync(BlobContainerClient container, string prefix) =>
        await container.GetBlobsAsync(new GetBlobsOptions { Prefix = prefix }).Select(blob => blob.Name).ToListAsync();

    private async Task<List<string>> FoldersAsync()
    {
        string prefix = $"{head.Name}/";
        var options = new GetBlobsByHierarchyOptions { Prefix = prefix, Delimiter = "/" };
        AsyncPageable<BlobHierarchyItem> items = _models.GetBlobsByHierarchyAsync(options);
        return await items.Select(item => item.IsPrefix ? item.Prefix[prefix.Length..^1] : item.Blob.Name[prefix.Length..]).ToListAsync();
    }
}
