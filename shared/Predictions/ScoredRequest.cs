using Modeldrop.Tensors;

namespace Modeldrop.Predictions;

/// <summary>A scored request in the form that the scorer passes to the log.</summary>
public sealed record ScoredRequest : PredictionRecord
{
    /// <summary>The manifest's <c>logging.maxRecordBytes</c>; null: the log's own limit. A larger record gets its own blob.</summary>
    public int? MaxRecordBytes { get; init; }

    /// <summary>Approximate memory of the record in bytes, as the log's buffer counts it.</summary>
    internal int EstimatedBytes => (int)Math.Min(int.MaxValue, 256 + Size(Inputs) + Size(Outputs) + (2L * (Error?.Length ?? 0)));

    /// <summary>Keeps the tensors until <see cref="Release"/>, also when the request has ended.</summary>
    internal void Hold() => ForEach(static tensor => tensor.Hold());

    /// <summary>Ends a <see cref="Hold"/>.</summary>
    internal void Release() => ForEach(static tensor => tensor.Release());

    private void ForEach(Action<Tensor> action)
    {
        // Not enumerated, which would allocate.
        for (int index = 0; index < Inputs.Count; index++)
        {
            action(Inputs[index]);
        }

        for (int index = 0; index < Outputs.Count; index++)
        {
            action(Outputs[index]);
        }
    }

    private static long Size(IReadOnlyList<Tensor> tensors)
    {
        long bytes = 0;
        for (int index = 0; index < tensors.Count; index++)
        {
            bytes += 64 + tensors[index].Bytes;
        }

        return bytes;
    }
}
