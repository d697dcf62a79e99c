using System.Text.Json;
using Modeldrop.Storage;

namespace Modeldrop.Metrics.Estimation;

/// <summary>The performance of a version on its validation data, which later windows are compared with. Sealed with the version.</summary>
public sealed record PerformanceBaseline
{
    /// <summary>Name of the version's document.</summary>
    public const string FileName = "performance.json";

    public int Format { get; init; } = 1;

    /// <summary>Includes intervals and figures.</summary>
    public required ModelMetrics Metrics { get; init; }

    /// <summary>Null: rows have several labels, or there are more classes than are counted.</summary>
    public LabelCounts? Labels { get; init; }

    /// <summary>Null: the answers are neither probabilities nor numbers, or there are fewer than 20 rows.</summary>
    public AnswerStrata? Strata { get; init; }

    /// <summary>By class; null: there are no probabilities, or too many classes.</summary>
    public IReadOnlyList<ClassMoments>? Classes { get; init; }

    /// <returns>Null when no metric could be computed.</returns>
    public static PerformanceBaseline? Of(ModelMetrics metrics) => metrics.Values.Count == 0 ? null : new PerformanceBaseline
    {
        Metrics = metrics,
        Labels = LabelCounts.Of(metrics),
        Strata = AnswerStrata.Of(metrics),
        Classes = metrics.Classified is { } rows ? LabelShift.MomentsOf(rows) : null,
    };

    public byte[] ToDocument() => JsonSerializer.SerializeToUtf8Bytes(this, StoredJson.Options);

    public static PerformanceBaseline Parse(byte[] document) =>
        JsonSerializer.Deserialize<PerformanceBaseline>(document, StoredJson.Options)
            ?? throw new InvalidDataException($"'{FileName}' is empty.");
}
