using System.Runtime.CompilerServices;
using Modeldrop.Metrics;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Probe;
using Modeldrop.Registry;
using Modeldrop.Scoring.Cache;
using Modeldrop.Storage;

namespace Modeldrop.Lifecycle.Replay;

/// <summary>Scores logged records with two versions, each in a child process, and compares their answers.</summary>
public sealed class ReplayRunner(VersionDownload download, ProbeService probe, PredictionStore predictions, ReferenceProfiles profiles)
{
    /// <param name="champion">The version that made the records.</param>
    /// <param name="packs">Packs that no longer exist are left out.</param>
    public async Task<ReplaySummary> RunAsync(
        ModelName model, int champion, int candidate, IReadOnlyList<ReplayPack> packs, CancellationToken cancellationToken)
    {
        using WorkFolder work = probe.CreateFolder();
        using StorageMeter meter = StorageMeter.Start();
        string championFolder = work.Make("champion");
        string candidateFolder = work.Make("candidate");
        ModelVersion theirs = await download.ToFolderAsync(new VersionName(model, champion), championFolder, [], cancellationToken);
        ModelVersion ours = await download.ToFolderAsync(new VersionName(model, candidate), candidateFolder, [], cancellationToken);
        ReferenceProfile? profile = await profiles.FindAsync(new VersionName(model, champion), cancellationToken);
        var comparison = new ReplayComparison(
            RowAnswers.Of(theirs.Inspection, theirs.Manifest).Answers,
            RowAnswers.Of(ours.Inspection, ours.Manifest).Answers,
            new ReplaySlices(profile),
            EnvironmentFingerprint.Current);

        ReplaySummary summary = ReplaySummary.Empty;
        await foreach (
            IReadOnlyList<Prediction> records in RecordChunks.CutAsync(ReadAsync(packs, cancellationToken), cancellationToken))
        {
            IReadOnlyList<ReplayedRecord> before = await RecordChunks.ReplayAsync(
                probe, championFolder, theirs, records, ProbePriority.Operation, cancellationToken);
            IReadOnlyList<ReplayedRecord> after = await RecordChunks.ReplayAsync(
                probe, candidateFolder, ours, records, ProbePriority.Operation, cancellationToken);
            for (int record = 0; record < records.Count; record++)
            {
                summary = summary.Plus(comparison.Compare(records[record], before[record], after[record]));
            }
        }

        return summary with { Transactions = meter.Transactions };
    }

    private async IAsyncEnumerable<Prediction> ReadAsync(
        IReadOnlyList<ReplayPack> packs, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (ReplayPack pack in packs)
        {
            if (await predictions.FindPackAsync(pack.Pack, cancellationToken) is { } found)
            {
                foreach (Prediction record in PredictionStore.ReadRecords(found).Skip(pack.Skip))
                {
                    yield return record;
                }
            }
        }
    }
}
