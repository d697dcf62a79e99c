using Modeldrop.Predictions;

namespace Modeldrop.Lifecycle.Replay;

/// <summary>A pack to replay.</summary>
/// <param name="Skip">Number of oldest records in the pack that are left out.</param>
public sealed record ReplayPack(PackName Pack, int Skip);

/// <summary>
/// The part of the log with which a version is compared. It is written once for an operation, so that a repetition replays the same.
/// </summary>
/// <param name="Champion">The version that made the records.</param>
/// <param name="Blocks">Each block is for one child process of champion and candidate.</param>
/// <param name="Transactions">Storage transactions that were needed to find them.</param>
public sealed record ReplaySet(int Champion, IReadOnlyList<IReadOnlyList<ReplayPack>> Blocks, long Transactions)
{
    /// <summary>Name of the document among those of an operation.</summary>
    internal const string DocumentName = "replay.json";

    public long Records => Blocks.Sum(block => block.Sum(pack => (long)pack.Pack.Records - pack.Skip));

    internal static string BlockName(int block) => $"replay/{block}.json";
}
