using System.Runtime.CompilerServices;
using Azure;
using Azure.Data.Tables;
using Modeldrop.Errors;
using Modeldrop.Names;

namespace Modeldrop.Predictions;

public sealed partial class PredictionStore
{
    /// <summary>How far back a key is searched by default.</summary>
    public static readonly TimeSpan DefaultKeyTime = TimeSpan.FromDays(30);

    /// <summary>
    /// Packs that may contain one of the keys, by the hour of scoring, from the hour of <paramref name="from"/> through the hour of
    /// <paramref name="to"/>.
    /// </summary>
    /// <remarks>One transaction for up to 1,000 packs, read without their records, and one for each returned pack.</remarks>
    public async IAsyncEnumerable<LogPack> ReadPacksOfKeysAsync(
        ModelName model,
        IEnumerable<string> keys,
        DateTimeOffset from,
        DateTimeOffset to,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        HashSet<uint> asked = [.. keys.Select(PackKeys.HashOf)];
        uint hash = PredictionId.HashOf(model);
        string low = LogPartition.KeyFrom(hash, PredictionId.HourOf(from));
        string high = LogPartition.KeyFrom(hash, PredictionId.HourOf(to)) + "g";
        string name = model.Value;
        string filter = TableClient.CreateQueryFilter($"PartitionKey ge {low} and PartitionKey lt {high} and Model eq {name}");
        string[] columns = ["PartitionKey", "RowKey", nameof(LogPack.Records), LogPack.KeysProperty];
        await foreach (Page<TableEntity> page in PagesAsync(filter, null, columns, cancellationToken))
        {
            foreach (TableEntity entity in page.Values.Where(entity => PackKeys.MayHave(entity.GetBinary(LogPack.KeysProperty), asked)))
            {
                var pack = new PackName(entity.PartitionKey, entity.RowKey, entity.GetInt32(nameof(LogPack.Records))!.Value);
                if (await FindPackAsync(pack, cancellationToken) is { } found)
                {
                    yield return found;
                }
            }
        }
    }

    /// <summary>The latest answered prediction of each key. Keys without one are left out.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.StoreUnavailable"/>.</exception>
    public async Task<IReadOnlyDictionary<string, PredictionId>> FindKeysAsync(
        ModelName model, IReadOnlySet<string> keys, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        Dictionary<string, (PredictionId Id, DateTimeOffset At)> found = new(StringComparer.Ordinal);
        await foreach (LogPack pack in ReadPacksOfKeysAsync(model, keys, from, to, cancellationToken))
        {
            using PackColumns columns = pack.ReadColumns();
            for (int record = 0; !pack.IsFailed && record < columns.Records; record++)
            {
                if (columns.RequestIdOf(record) is { } key && keys.Contains(key)
                    && (!found.TryGetValue(key, out (PredictionId Id, DateTimeOffset At) known)
                        || columns.ReceivedAtOf(record) >= known.At))
                {
                    found[key] = (pack.IdOf(columns.Sequences[record]), columns.ReceivedAtOf(record));
                }
            }
        }

        return found.ToDictionary(pair => pair.Key, pair => pair.Value.Id, StringComparer.Ordinal);
    }
}
