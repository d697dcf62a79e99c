using System.Runtime.CompilerServices;
using Modeldrop.Predictions;
using Modeldrop.Probe;
using Modeldrop.Registry;

namespace Modeldrop.Lifecycle.Replay;

/// <summary>Sends logged records to child processes, in chunks that a child process can safely handle.</summary>
internal static class RecordChunks
{
    // A child's time and output are limited. A chunk stays far below both limits, estimated from the times and sizes in the log.
    private const long MaxBytes = 32 * 1024 * 1024;

    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(5);

    public static async IAsyncEnumerable<IReadOnlyList<Prediction>> CutAsync(
        IAsyncEnumerable<Prediction> all, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        List<Prediction> records = [];
        long bytes = 0;
        TimeSpan time = TimeSpan.Zero;
        await foreach (Prediction record in all.WithCancellation(cancellationToken))
        {
            records.Add(record);
            bytes += record.Inputs.Concat(record.Outputs).Sum(tensor => tensor.Bytes);
            time += record.Duration;
            if (bytes >= MaxBytes || time >= MaxTime)
            {
                yield return records;
                (records, bytes, time) = ([], 0, TimeSpan.Zero);
            }
        }

        if (records.Count > 0)
        {
            yield return records;
        }
    }

    /// <summary>One answer for each record, in order. If a child fails, all its records count as unanswered.</summary>
    public static async Task<IReadOnlyList<ReplayedRecord>> ReplayAsync(
        ProbeService probe, string modelFolder, ModelVersion version, IReadOnlyList<Prediction> records, ProbePriority priority,
        CancellationToken cancellationToken)
    {
        ReplayOutcome outcome = await probe.ReplayAsync(
            modelFolder, version.Inspection.Signature, [.. records.Select(record => record.Inputs)], priority, cancellationToken);
        return outcome.Reasons.Count == 0
            ? outcome.Records
            : [.. Enumerable.Repeat(new ReplayedRecord(null, outcome.Reasons[0], TimeSpan.Zero), records.Count)];
    }
}
