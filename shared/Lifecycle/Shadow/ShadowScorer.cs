using Modeldrop.Lifecycle.Replay;
using Modeldrop.Metrics;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Probe;
using Modeldrop.Registry;
using Modeldrop.Scoring.Cache;

namespace Modeldrop.Lifecycle.Shadow;

/// <summary>Scores logged records with a version in a child process, and compares the results with the logged answers.</summary>
public sealed class ShadowScorer(VersionStore versions, VersionDownload download, ProbeService probe, ReferenceProfiles profiles)
{
    /// <returns>A summary for each version that gave the logged answers.</returns>
    public async Task<Dictionary<int, ReplaySummary>> ScoreAsync(
        VersionName shadow, IReadOnlyList<Prediction> records, CancellationToken cancellationToken)
    {
        Dictionary<int, ReplaySummary> summaries = [];
        if (records.Count == 0)
        {
            return summaries;
        }

        using WorkFolder work = probe.CreateFolder();
        string folder = work.Make("shadow");
        ModelVersion ours = await download.ToFolderAsync(shadow, folder, [], cancellationToken);
        RowAnswers? answers = RowAnswers.Of(ours.Inspection, ours.Manifest).Answers;
        Dictionary<int, ReplayComparison> comparisons = [];
        foreach (int version in records.Select(record => record.Version).Distinct())
        {
            ModelVersion theirs = await versions.GetAsync(new VersionName(shadow.Model, version), cancellationToken);
            var slices = new ReplaySlices(await profiles.FindAsync(new VersionName(shadow.Model, version), cancellationToken));
            comparisons[version] = new ReplayComparison(
                RowAnswers.Of(theirs.Inspection, theirs.Manifest).Answers, answers, slices, EnvironmentFingerprint.Current);
            summaries[version] = ReplaySummary.Empty;
        }

        await foreach (IReadOnlyList<Prediction> chunk in RecordChunks.CutAsync(records.ToAsyncEnumerable(), cancellationToken))
        {
            IReadOnlyList<ReplayedRecord> scored = await RecordChunks.ReplayAsync(
                probe, folder, ours, chunk, ProbePriority.Background, cancellationToken);
            foreach ((Prediction logged, ReplayedRecord answer) in chunk.Zip(scored))
            {
                var given = new ReplayedRecord(logged.Outputs, null, logged.Duration);
                summaries[logged.Version] = summaries[logged.Version].Plus(comparisons[logged.Version].Compare(logged, given, answer));
            }
        }

        return summaries;
    }
}
