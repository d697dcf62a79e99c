using Modeldrop.Predictions;

namespace Modeldrop.Lifecycle.Replay;

/// <summary>A pack to replay.</summary>
/// <param name="Skip">Records at its begin, the oldest, that are left out.</param>
public sealed record ReplayPack(PackName Pack, int Skip);

/// <summary>What of the log a version is compared with: written once for an operation, so that a repetition replays the same.</summary>
/// <param name="Champion">The version that made the records.</param>
/// <param name="Blocks">Each for one child process of champion and candidate.</param>
/// <param name="Transactions">Storage transactions that finding them took.</param>
public sealed record ReplaySet(int Champion, IReadOnlyList<IReadOnlyList<ReplayPack>> Blocks, long Transactions)
{
    /// <summary>Its name among the documents of an operation.</summary>
    internal const string DocumentName = "replay.json";

    public long Records => Blocks.Sum(block => block.Sum(pack => (long)pack.Pack.Records - pack.Skip));

    internal static string BlockName(int block) => $"replay/{block}.json";
}
