using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using Azure.Data.Tables;
using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Storage;

namespace Modeldrop.Registry;

/// <summary>The rows of the registry's table: their keys and how they are packed (<c>docs/stored-formats.md</c>).</summary>
/// <remarks>
/// A model's name cannot contain <c>|</c>, and <c>}</c> is the next character, so <c>event|a|</c> up to <c>event|a}</c> is exactly the log
/// of <c>a</c>: the log of <c>a-b</c> sorts before it.
/// </remarks>
internal static class RegistryRows
{
    public const string Partition = "registry";
    public const string RevisionKey = "revision";
    public const string RevisionValue = "Value";
    public const string ModelColumn = "Model";
    public const string ThroughColumn = "Through";
    public const string FeedEndKey = "feedend";
    public const string FeedEndValue = "Position";

    // Far above any sensible event. Larger reasons or descriptions are refused here, before a transaction fails.
    private const int MaxEventBytes = 512 * 1024;

    public static string HeadKey(ModelName model) => $"head|{model}";

    public static string NameKey(ModelName model) => $"name|{model.Value.ToLowerInvariant()}";

    public static string ClaimKey(ModelName model) => $"claim|{model}";

    public static string AllHeads() => Range("head|", "head}");

    public static string AllNames() => Range("name|", "name}");

    public static string EventsOf(ModelName model) => Range($"event|{model}|", $"event|{model}}}");

    /// <summary>Filters events of a model by their sequence, both ends included.</summary>
    public static string EventsOf(ModelName model, long from, long through) => TableClient.CreateQueryFilter(
        $"PartitionKey eq {Partition} and RowKey ge {EventKey(model, from)} and RowKey le {EventKey(model, through)}");

    public static string And(this string filter, FormattableString condition) => $"{filter} and {TableClient.CreateQueryFilter(condition)}";

    public static TableEntity Head(ModelHead head)
    {
        var entity = new TableEntity(Partition, HeadKey(head.Name));
        byte[] packed = Pack(JsonSerializer.SerializeToUtf8Bytes(head, StoredJson.Options));
        if (packed.Length > RegistryStore.MaxHeadBytes)
        {
            throw new ServiceException(ErrorCode.PayloadTooLarge,
                $"'{head.Name}' has reached the size limit of a model ({head.Versions.Length} versions, {head.Aliases.Count} aliases); "
                    + $"register new versions under another name.");
        }

        entity.WriteChunks(packed);
        return entity;
    }

    public static ModelHead ReadHead(TableEntity entity)
    {
        using var json = new GZipStream(new MemoryStream(entity.ReadChunks()), CompressionMode.Decompress);
        return JsonSerializer.Deserialize<ModelHead>(json, StoredJson.Options)!;
    }

    public static TableEntity Event(ModelName model, RegistryEvent registryEvent)
    {
        string key = EventKey(model, registryEvent.Sequence);
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(registryEvent, StoredJson.Options);
        if (json.Length > MaxEventBytes)
        {
            throw new ServiceException(
                ErrorCode.PayloadTooLarge,
                $"An event of '{model}' has {json.Length} bytes; at most {MaxEventBytes} are allowed.");
        }

        using JsonDocument document = JsonDocument.Parse(json);

        // The columns are for queries; the JSON contains the event.
        var entity = new TableEntity(Partition, key)
        {
            ["At"] = registryEvent.At,
            ["Kind"] = document.RootElement.GetProperty("kind").GetString(),
            [ModelColumn] = model.Value,
            ["Actor"] = registryEvent.Actor.Name,
        };
        if (registryEvent.Actor.Operation is { } operation)
        {
            entity["Operation"] = operation.ToString();
        }

        entity.WriteChunks(json);
        return entity;
    }

    public static (ModelName Model, RegistryEvent Event) ReadEvent(TableEntity entity) =>
        (ModelOf(entity), JsonSerializer.Deserialize<RegistryEvent>(entity.ReadChunks(), StoredJson.Options)!);

    public static TableEntity Revision() => new(Partition, RevisionKey) { [RevisionValue] = Guid.NewGuid().ToString("N") };

    public static TableEntity Claim(VersionName version, OperationId operation) =>
        new(Partition, ClaimKey(version.Model)) { ["Version"] = version.Number, ["Operation"] = operation.ToString() };

    /// <summary>
    /// A row that says that the events of an append have no position in the feed yet. One row an append, in the append's transaction.
    /// </summary>
    public static TableEntity Unplaced(ModelHead before, ModelHead after) =>
        new(Partition, string.Create(CultureInfo.InvariantCulture, $"unplaced|{after.Name}|{before.Sequence + 1:D12}"))
        {
            [ModelColumn] = after.Name.Value,
            [ThroughColumn] = after.Sequence,
        };

    public static string AllUnplaced() => Range("unplaced|", "unplaced}");

    /// <summary>Reads the sequence numbers of the events to which a row of <see cref="Unplaced"/> refers.</summary>
    public static (ModelName Model, long From, long Through) ReadUnplaced(TableEntity row) =>
        (ModelOf(row), SequenceOf(row), row.GetInt64(ThroughColumn)!.Value);

    private static ModelName ModelOf(TableEntity row) => ModelName.FindStored(row.GetString(ModelColumn))!.Value;

    public static long SequenceOf(TableEntity stored) =>
        long.Parse(stored.RowKey.AsSpan(stored.RowKey.LastIndexOf('|') + 1), CultureInfo.InvariantCulture);

    /// <summary>An event at its position in the feed of all models.</summary>
    public static TableEntity Placed(TableEntity stored, long position) =>
        new(stored.Where(property => property.Key is not ("odata.etag" or "Timestamp")).ToDictionary())
        {
            PartitionKey = Partition, RowKey = FeedKey(position),
        };

    public static TableEntity FeedEnd(long position) => new(Partition, FeedEndKey) { [FeedEndValue] = position };

    public static string Feed(long from, long through) => TableClient.CreateQueryFilter(
        $"PartitionKey eq {Partition} and RowKey ge {FeedKey(from)} and RowKey le {FeedKey(through)}");

    public static long PositionOf(TableEntity placed) => long.Parse(placed.RowKey.AsSpan("feed|".Length), CultureInfo.InvariantCulture);

    /// <summary>Reserves a model's name, so that no other may differ from it only in case.</summary>
    public static TableEntity Name(ModelName model) => new(Partition, NameKey(model)) { [ModelColumn] = model.Value };

    private static string EventKey(ModelName model, long sequence) =>
        string.Create(CultureInfo.InvariantCulture, $"event|{model}|{sequence:D12}");

    private static string FeedKey(long position) => string.Create(CultureInfo.InvariantCulture, $"feed|{position:D16}");

    private static byte[] Pack(byte[] json)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(json);
        }

        return packed.ToArray();
    }

    private static string Range(string from, string to) =>
        TableClient.CreateQueryFilter($"PartitionKey eq {Partition} and RowKey ge {from} and RowKey lt {to}");
}
