using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Storage;

namespace Modeldrop.Lifecycle.Replay;

/// <summary>Finds the champion's last records and divides them into blocks.</summary>
public sealed class ReplayPlanner(PredictionStore predictions, TimeProvider clock)
{
    /// <summary>Each block is an activity in the history of an orchestration.</summary>
    internal const int MaxBlocks = 100;

    /// <summary>Growth factor of the windows back in time: a busy model costs few pages and a quiet one few requests.</summary>
    private const int WindowGrowth = 3;

    public async Task<ReplaySet> PlanAsync(ModelName model, int champion, ReplayOptions options, CancellationToken cancellationToken)
    {
        using StorageMeter meter = StorageMeter.Start();
        List<ReplayPack> packs = [];
        int wanted = options.MaxRecords;
        DateTimeOffset now = clock.GetUtcNow();
        DateTimeOffset oldest = now - options.MaxAge;
        DateTimeOffset to = now;
        for (TimeSpan window = TimeSpan.FromHours(1); wanted > 0 && to >= oldest; window *= WindowGrowth)
        {
            DateTimeOffset from = to - window > oldest ? to - window : oldest;
            List<PackName> found = await predictions.ListPacksAsync(new VersionName(model, champion), from, to, cancellationToken)
                .ToListAsync(cancellationToken);
            foreach (PackName pack in found.OrderByDescending(pack => LogPartition.Parse(pack.Partition).Hour)
                    .ThenByDescending(pack => pack.Row, StringComparer.Ordinal))
            {
                int taken = Math.Min(wanted, pack.Records);
                wanted -= taken;
                if (taken > 0)
                {
                    packs.Add(new ReplayPack(pack, pack.Records - taken));
                }
            }

            // Whole hours: the hour of 'from' has been read.
            to = DateTimeOffset.FromUnixTimeSeconds((PredictionId.HourOf(from) * 3600L) - 1);
        }

        return new ReplaySet(
            champion, Cut(packs, Math.Max(options.BlockRecords, (options.MaxRecords + MaxBlocks - 1) / MaxBlocks)), meter.Transactions);
    }

    /// <summary>Keeps the packs in their order; a block ends with the pack that fills it.</summary>
    private static List<IReadOnlyList<ReplayPack>> Cut(IReadOnlyList<ReplayPack> packs, int blockRecords)
    {
        List<IReadOnlyList<ReplayPack>> blocks = [];
        List<ReplayPack> block = [];
        foreach (ReplayPack pack in packs)
        {
            block.Add(pack);
            if (block.Sum(one => one.Pack.Records - one.Skip) >= blockRecords)
            {
                blocks.Add(block);
                block = [];
            }
        }

        return block.Count > 0 ? [.. blocks, block] : blocks;
    }
}
