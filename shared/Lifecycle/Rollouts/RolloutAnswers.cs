using Modeldrop.Lifecycle.Validation;
using Modeldrop.Predictions;
using Modeldrop.Predictions.Feedback;
using Modeldrop.Registry;
using Modeldrop.Tensors;

namespace Modeldrop.Lifecycle.Rollouts;

/// <summary>What a version has answered, row by row.</summary>
/// <param name="Classes">As <see cref="RowAnswers.Classes"/>.</param>
public sealed record RolloutRows(IReadOnlyList<(PredictionId Id, int Row, RowAnswer Answer)> Rows, IReadOnlyList<string>? Classes)
{
    public IReadOnlyList<RowAnswer> Answers => [.. Rows.Select(row => row.Answer)];

    /// <summary>Those of which it is known what was true.</summary>
    public IReadOnlyList<LabelledAnswer> Labelled(IReadOnlyDictionary<PredictionId, StoredFeedback> feedback) =>
    [
        .. Rows.Where(row => feedback.TryGetValue(row.Id, out StoredFeedback? known) && row.Row < known.Labels.Count)
            .Select(row => new LabelledAnswer(row.Answer, feedback[row.Id].Labels[row.Row])),
    ];
}

/// <summary>Reads from the prediction log what champion and candidate have answered since a rollout began.</summary>
public sealed class RolloutAnswers(PredictionStore predictions, VersionStore versions)
{
    /// <summary>Rows of each version that are compared: enough for a shift of 5 %, little enough to be read at every look.</summary>
    private const int MaxRows = 5_000;

    /// <summary>The answers of both, the earliest of the rollout; empty for a version whose outputs no rule can read.</summary>
    public async Task<(RolloutRows Champion, RolloutRows Candidate)> ReadAsync(
        ModelName model, int champion, int candidate, DateTimeOffset since, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var readers = new Dictionary<int, Reader>
        {
            [champion] = await ReaderOfAsync(model, champion, AliasName.Champion.Value, cancellationToken),
            [candidate] = await ReaderOfAsync(model, candidate, AliasName.Candidate, cancellationToken),
        };
        await foreach (LogPack pack in predictions.ReadPacksAsync(model, since, until, new StorageMeter(), cancellationToken))
        {
            if (readers.TryGetValue(pack.Version, out Reader? reader) && !reader.IsFull)
            {
                reader.Read(pack, since);
            }

            if (readers.Values.All(one => one.IsFull))
            {
                break;
            }
        }

        return (readers[champion].Read(), readers[candidate].Read());
    }

    private async Task<Reader> ReaderOfAsync(ModelName model, int version, string alias, CancellationToken cancellationToken)
    {
        ModelVersion record = await versions.GetAsync(model, version, cancellationToken);
        return new Reader(RowAnswers.Of(record.Inspection, record.Manifest).Answers, alias);
    }

    private sealed class Reader(RowAnswers? answers, string alias)
    {
        private readonly List<(PredictionId Id, int Row, RowAnswer Answer)> _rows = [];

        public bool IsFull => answers is null || _rows.Count >= MaxRows;

        public RolloutRows Read() => new(_rows, answers?.Classes);

        public void Read(LogPack pack, DateTimeOffset since)
        {
            using PackColumns columns = pack.ReadColumns();
            for (int record = 0; record < columns.Records && !IsFull; record++)
            {
                if (columns.AliasOf(record) == alias && columns.ReceivedAtOf(record) >= since)
                {
                    Tensor[] outputs = [.. columns.Outputs.Select(column => column.TensorOf(record))];
                    var id = new PredictionId(pack.Partition.ModelHash, pack.Partition.Hour, pack.Partition.Writer, columns.Sequences[record]);
                    _rows.AddRange(answers!.Read(outputs).Select((answer, row) => (id, row, answer)));
                }
            }
        }
    }
}
