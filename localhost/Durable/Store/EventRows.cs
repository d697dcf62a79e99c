using System.Security.Cryptography;
using System.Text;
using Azure.Data.Tables;
using Azure.Storage.Blobs.Models;
using Modeldrop.LocalHost.Durable.Replay;

namespace Modeldrop.LocalHost.Durable.Store;

/// <summary>A row that holds an event, and how much of a transaction it takes.</summary>
/// <param name="InBlob">Whether the event lies in a blob and the row only names it.</param>
internal sealed record EventRow(TableEntity Entity, int Bytes, bool InBlob);

/// <summary>Events as table rows: JSON in binary properties <c>D00</c>, <c>D01</c>… of 64 KiB; beyond <see cref="MaxRowBytes"/> in a blob that the row names.</summary>
internal sealed class EventRows(DurableStorage storage)
{
    /// <summary>A row holds 1 MiB in the emulator's base64 text, a transaction 4 MiB: five of the longest rows fit.</summary>
    public const int MaxRowBytes = 480 * 1024;

    private const int ChunkBytes = 64 * 1024;
    private const string BlobProperty = "Blob";
    private const string InboxFolder = "inbox-";

    public Task<EventRow> WriteEventAsync(string instanceId, string execution, int number, HistoryEvent happened, CancellationToken cancellationToken) =>
        WriteAsync(instanceId, RowKeys.History(execution, number), execution, happened, cancellationToken);

    public Task<EventRow> WriteMessageAsync(string instanceId, string rowKey, HistoryEvent message, CancellationToken cancellationToken) =>
        WriteAsync(instanceId, rowKey, InboxFolder + message.MessageId, message, cancellationToken);

    public async Task<HistoryEvent> ReadAsync(TableEntity entity, CancellationToken cancellationToken)
    {
        if (BlobName(entity) is { } name)
        {
            BlobDownloadResult blob = await storage.Large.GetBlobClient(name).DownloadContentAsync(cancellationToken);
            return HistoryJson.Read(blob.Content.ToMemory().Span);
        }

        byte[] first = entity.GetBinary(ChunkName(0));
        if (first.Length < ChunkBytes)
        {
            return HistoryJson.Read(first);
        }

        using var json = new MemoryStream();
        for (int chunk = 0; entity.GetBinary(ChunkName(chunk)) is { } bytes; chunk++)
        {
            json.Write(bytes);
        }

        return HistoryJson.Read(json.GetBuffer().AsSpan(0, (int)json.Length));
    }

    /// <summary>Deletes the event's blob, if it has one.</summary>
    public async Task DeleteBlobAsync(string? blobName, CancellationToken cancellationToken)
    {
        if (blobName is not null)
        {
            await storage.Large.GetBlobClient(blobName).DeleteIfExistsAsync(cancellationToken: cancellationToken);
        }
    }

    /// <summary>Blobs of the instance; with <paramref name="exceptRun"/> those of its earlier runs only, without messages.</summary>
    public async Task<List<string>> ListBlobsAsync(string instanceId, string? exceptRun, CancellationToken cancellationToken)
    {
        string prefix = Folder(instanceId) + "/";
        var names = new List<string>();
        await foreach (BlobItem blob in storage.Large.GetBlobsAsync(new GetBlobsOptions { Prefix = prefix }, cancellationToken))
        {
            ReadOnlySpan<char> folder = blob.Name.AsSpan(prefix.Length);
            if (exceptRun is null || !(folder.StartsWith(InboxFolder, StringComparison.Ordinal) || folder.StartsWith(exceptRun + "/", StringComparison.Ordinal)))
            {
                names.Add(blob.Name);
            }
        }

        return names;
    }

    public static string? BlobName(TableEntity entity) => entity.GetString(BlobProperty);

    private static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 16));

    private async Task<EventRow> WriteAsync(string instanceId, string rowKey, string folder, HistoryEvent happened, CancellationToken cancellationToken)
    {
        byte[] json = HistoryJson.Write(happened);
        var entity = new TableEntity(instanceId, rowKey);
        if (json.Length > MaxRowBytes)
        {
            // Named by its content: to write it twice does no harm, and no other host's commit can be overwritten with something else.
            string name = $"{Folder(instanceId)}/{folder}/{Hash(json)}";
            await storage.Large.GetBlobClient(name).UploadAsync(new BinaryData(json), overwrite: true, cancellationToken);
            entity[BlobProperty] = name;
            return new EventRow(entity, name.Length, InBlob: true);
        }

        for (int start = 0; start < json.Length; start += ChunkBytes)
        {
            entity[ChunkName(start / ChunkBytes)] = json.AsSpan(start, Math.Min(ChunkBytes, json.Length - start)).ToArray();
        }

        return new EventRow(entity, json.Length, InBlob: false);
    }

    private static string Folder(string instanceId) => Hash(Encoding.UTF8.GetBytes(instanceId));

    private static string ChunkName(int chunk) => $"D{chunk:00}";
}
