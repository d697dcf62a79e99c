using Modeldrop.Lifecycle.Validation;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Predictions;
using Modeldrop.Probe;
using Modeldrop.Registry;
using Modeldrop.Tensors;

namespace Modeldrop.Lifecycle.Replay;

/// <summary>Scores logged records with two versions, each in a child process, and compares what they answer.</summary>
public sealed class ReplayRunner(VersionDownload download, ProbeService probe, PredictionStore predictions, ReferenceProfiles profiles)
{
    // A child has limits for its time and for what it writes: what it is given stays far below them, as the log tells what it took.
    private const long MaxChildBytes = 32 * 1024 * 1024;

    private static readonly TimeSpan MaxChildTime = TimeSpan.FromSeconds(5);

    /// <param name="champion">The version that made the records.</param>
    /// <param name="packs">Those that are not there any more are left out.</param>
    public async Task<ReplaySummary> RunAsync(ModelName model, int champion, int candidate, IReadOnlyList<ReplayPack> packs, CancellationToken cancellationToken)
    {
        using WorkFolder work = probe.CreateFolder();
        var meter = new StorageMeter();
        string championFolder = work.Make("champion");
        string candidateFolder = work.Make("candidate");
        ModelVersion theirs = await download.ToFolderAsync(model, champion, championFolder, [], cancellationToken);
        ModelVersion ours = await download.ToFolderAsync(model, candidate, candidateFolder, [], cancellationToken);
        ReferenceProfile? profile = await profiles.FindAsync(model, champion, cancellationToken, meter);
        var comparison = new ReplayComparison(
            RowAnswers.Of(theirs.Inspection, theirs.Manifest).Answers,
            RowAnswers.Of(ours.Inspection, ours.Manifest).Answers,
            new ReplaySlices(profile),
            EnvironmentFingerprint.Current);

        ReplaySummary summary = ReplaySummary.Empty;
        await foreach (IReadOnlyList<Prediction> records in ReadAsync(packs, meter, cancellationToken))
        {
            IReadOnlyList<Tensor>[] inputs = [.. records.Select(record => record.Inputs)];
            ReplayOutcome before = await probe.ReplayAsync(championFolder, inputs, cancellationToken);
            ReplayOutcome after = await probe.ReplayAsync(candidateFolder, inputs, cancellationToken);
            for (int record = 0; record < records.Count; record++)
            {
                summary = summary.Plus(comparison.Compare(records[record], Of(before, record), Of(after, record)));
            }
        }

        return summary with { Transactions = meter.Transactions };
    }

    /// <summary>A child that ended badly has answered none of its records.</summary>
    private static ReplayedRecord Of(ReplayOutcome outcome, int record) =>
        outcome.Reasons.Count > 0 ? new ReplayedRecord(null, outcome.Reasons[0], TimeSpan.Zero) : outcome.Records[record];

    /// <summary>The records of the packs, as many at a time as a child is given.</summary>
    private async IAsyncEnumerable<IReadOnlyList<Prediction>> ReadAsync(
        IReadOnlyList<ReplayPack> packs, StorageMeter meter, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        List<Prediction> records = [];
        long bytes = 0;
        TimeSpan time = TimeSpan.Zero;
        foreach (ReplayPack pack in packs)
        {
            if (await predictions.FindPackAsync(pack.Pack, meter, cancellationToken) is not { } found)
            {
                continue;
            }

            foreach (Prediction record in PredictionStore.ReadRecords(found).Skip(pack.Skip))
            {
                records.Add(record);
                bytes += record.Inputs.Concat(record.Outputs).Sum(BytesOf);
                time += record.Duration;
                if (bytes >= MaxChildBytes || time >= MaxChildTime)
                {
                    yield return records;
                    (records, bytes, time) = ([], 0, TimeSpan.Zero);
                }
            }
        }

        if (records.Count > 0)
        {
            yield return records;
        }
    }

    private static long BytesOf(Tensor tensor) => tensor.Data.Length + (tensor.Strings?.Sum(text => (long)text.Length) ?? 0);
}
