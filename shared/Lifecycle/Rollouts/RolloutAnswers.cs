using Modeldrop.Lifecycle.Validation;
using Modeldrop.Predictions;
using Modeldrop.Registry;
using Modeldrop.Tensors;

namespace Modeldrop.Lifecycle.Rollouts;

/// <summary>Reads from the prediction log what champion and candidate have answered since a rollout began.</summary>
public sealed class RolloutAnswers(PredictionStore predictions, VersionStore versions)
{
    /// <summary>Rows of each version that are compared: enough for a shift of 5 %, little enough to be read at every look.</summary>
    private const int MaxRows = 5_000;

    /// <summary>The answers of both, the earliest of the rollout; empty for a version whose outputs no rule can read.</summary>
    public async Task<(IReadOnlyList<RowAnswer> Champion, IReadOnlyList<RowAnswer> Candidate)> ReadAsync(
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

        return (readers[champion].Rows, readers[candidate].Rows);
    }

    private async Task<Reader> ReaderOfAsync(ModelName model, int version, string alias, CancellationToken cancellationToken)
    {
        ModelVersion record = await versions.GetAsync(model, version, cancellationToken);
        return new Reader(RowAnswers.Of(record.Inspection, record.Manifest).Answers, alias);
    }

    private sealed class Reader(RowAnswers? answers, string alias)
    {
        private readonly List<RowAnswer> _rows = [];

        public IReadOnlyList<RowAnswer> Rows => _rows;

        public bool IsFull => answers is null || _rows.Count >= MaxRows;

        public void Read(LogPack pack, DateTimeOffset since)
        {
            using PackColumns columns = pack.ReadColumns();
            for (int record = 0; record < columns.Records && !IsFull; record++)
            {
                if (columns.AliasOf(record) == alias && columns.ReceivedAtOf(record) >= since)
                {
                    Tensor[] outputs = [.. columns.Outputs.Select(column => column.TensorOf(record))];
                    _rows.AddRange(answers!.Read(outputs));
                }
            }
        }
    }
}
