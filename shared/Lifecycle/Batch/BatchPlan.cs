using Modeldrop.Tabular;

namespace Modeldrop.Lifecycle.Batch;

/// <summary>The plan of a batch, fixed when it begins and kept in its staging folder, so that every step sees the same one.</summary>
/// <param name="Needed">The columns that feed the model or are copied to the result.</param>
internal sealed record BatchPlan(BatchFile File, ChunkedTable Table, IReadOnlyList<string> Needed)
{
    public const string DocumentName = "batch.json";
}
