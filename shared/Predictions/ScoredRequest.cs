using Modeldrop.Names;
using Modeldrop.Tensors;

namespace Modeldrop.Predictions;

/// <summary>A scored request, as the scorer hands it to the log.</summary>
public sealed record ScoredRequest
{
    public required PredictionId Id { get; init; }

    public required ModelName Model { get; init; }

    public required int Version { get; init; }

    public required string ModelSha256 { get; init; }

    /// <summary>The alias through which the version was picked; null when the number was asked for.</summary>
    public string? Alias { get; init; }

    /// <summary>The caller's <c>id</c>.</summary>
    public string? RequestId { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>The caller's <c>parameters.event_time</c>, or <see cref="ReceivedAt"/>.</summary>
    public required DateTimeOffset EventTime { get; init; }

    /// <summary>Time in the model.</summary>
    public required TimeSpan Duration { get; init; }

    public required IReadOnlyList<Tensor> Inputs { get; init; }

    /// <summary>All outputs of the model, also those that the caller did not ask for; none of a request that failed.</summary>
    public required IReadOnlyList<Tensor> Outputs { get; init; }

    /// <summary>Why it failed; null: it was answered. A request that no tensors could be made of has no inputs either.</summary>
    public string? Error { get; init; }

    /// <summary>The manifest's <c>logging.sample</c> at that time, above 0: the record stands for 1 / sample requests.</summary>
    public double Sample { get; init; } = 1;

    /// <summary>The manifest's <c>logging.maxRecordBytes</c>; null: the log's own limit. A larger record gets a blob of its own.</summary>
    public int? MaxRecordBytes { get; init; }

    /// <summary>Bytes that the record holds in memory, roughly; what the log's buffer is measured by.</summary>
    internal int EstimatedBytes => (int)Math.Min(int.MaxValue, 256 + Size(Inputs) + Size(Outputs) + (2L * (Error?.Length ?? 0)));

    private static long Size(IReadOnlyList<Tensor> tensors)
    {
        long bytes = 0;
        for (int index = 0; index < tensors.Count; index++)
        {
            bytes += 64 + tensors[index].Data.Length;
            foreach (string text in tensors[index].Strings ?? [])
            {
                bytes += 8 + (2L * text.Length);
            }
        }

        return bytes;
    }
}
