using Modeldrop.Metrics;
using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Predictions.Feedback;
using Modeldrop.Registry;

namespace Modeldrop.Lifecycle.Rollouts;

/// <summary>The logged answers of a version.</summary>
/// <param name="Answers">The earliest answers of the rollout.</param>
/// <param name="Labelled">The earliest rows whose labels are known.</param>
public sealed record RolloutRows(IReadOnlyList<RowAnswer> Answers, IReadOnlyList<JudgedRow> Labelled);

/// <summary>Reads the answers of champion and candidate since a rollout began from the prediction log.</summary>
public sealed class RolloutAnswers(PredictionStore predictions, VersionStore versions)
{
    /// <summary>Rows of each version that are compared: enough to see a shift of 5 %, few enough to be read at every look.</summary>
    private const int MaxRows = 5_000;

    /// <summary>Records of each version that are searched for labels, which arrive only for some.</summary>
    private const int MaxRecords = 200_000;

    /// <summary>The earliest answers of both in the rollout; empty for a version whose outputs no rule can read.</summary>
    public async Task<(RolloutRows Champion, RolloutRows Candidate)> ReadAsync(
        VersionName champion,
        int candidate,
        DateTimeOffset since,
        DateTimeOffset until,
        IReadOnlyDictionary<PredictionId, StoredFeedback> feedback,
        CancellationToken cancellationToken)
    {
        var readers = new Dictionary<int, Reader>
        {
            [champion.Number] = await ReaderOfAsync(champion, AliasName.Champion.Value, feedback, cancellationToken),
            [candidate] = await ReaderOfAsync(champion with { Number = candidate }, AliasName.Candidate, feedback, cancellationToken),
        };
        await foreach (LogPack pack in predictions.ReadPacksAsync(champion.Model, since, until, cancellationToken))
        {
            if (!pack.IsFailed && readers.TryGetValue(pack.Version, out Reader? reader) && !reader.IsFull)
            {
                reader.Read(pack, since);
            }

            if (readers.Values.All(one => one.IsFull))
            {
                break;
            }
        }

        return (readers[champion.Number].Rows, readers[candidate].Rows);
    }

    private async Task<Reader> ReaderOfAsync(
        VersionName version, string alias, IReadOnlyDictionary<PredictionId, StoredFeedback> feedback,
        CancellationToken cancellationToken)
    {
        ModelVersion record = await versions.GetAsync(version, cancellationToken);
        return new Reader(RowAnswers.Of(record.Inspection, record.Manifest).Answers, alias, feedback);
    }

    private sealed class Reader(RowAnswers? answers, string alias, IReadOnlyDictionary<PredictionId, StoredFeedback> feedback)
    {
        private readonly List<RowAnswer> _answers = [];
        private readonly List<JudgedRow> _labelled = [];
        private int _records;

        public bool IsFull =>
            answers is null || (_answers.Count >= MaxRows && (feedback.Count == 0 || _labelled.Count >= MaxRows || _records >= MaxRecords));

        public RolloutRows Rows => new(_answers, _labelled);

        public void Read(LogPack pack, DateTimeOffset since)
        {
            using PackColumns columns = pack.ReadColumns();
            for (int record = 0; record < columns.Records && !IsFull; record++)
            {
                if (columns.AliasOf(record) == alias && columns.ReceivedAtOf(record) >= since)
                {
                    _records++;
                    Add(columns, record, _labelled.Count < MaxRows ? feedback.GetValueOrDefault(pack.IdOf(columns.Sequences[record]))
                        : null);
                }
            }
        }

        private void Add(PackColumns columns, int record, StoredFeedback? known)
        {
            if (known is null && _answers.Count >= MaxRows)
            {
                return;
            }

            IReadOnlyList<RowAnswer> rows = answers!.Read([.. columns.Outputs.Select(column => column.TensorOf(record))]);
            if (_answers.Count < MaxRows)
            {
                _answers.AddRange(rows);
            }

            if (known?.LabelsOf(rows.Count) is { } labels)
            {
                _labelled.AddRange(rows.Zip(labels, answers.Judge).OfType<JudgedRow>());
            }
        }
    }
}
