using Modeldrop.Tabular;

namespace Modeldrop.Lifecycle.Batch;

/// <summary>What a batch is, fixed when it begins: kept in its staging folder, so that every step sees the same.</summary>
/// <param name="Needed">The columns that feed the model, or stay.</param>
internal sealed record BatchPlan(BatchFile File, ChunkedTable Table, IReadOnlyList<string> Needed)
{
    public const string DocumentName = "batch.json";
}
