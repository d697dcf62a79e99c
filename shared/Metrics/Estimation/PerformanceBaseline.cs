using System.Text.Json;
using Modeldrop.Storage;

namespace Modeldrop.Metrics.Estimation;

/// <summary>What a version did on its validation data, and what later windows are compared with: sealed with it.</summary>
public sealed record PerformanceBaseline
{
    /// <summary>The document's name among the files of a version.</summary>
    public const string FileName = "performance.json";

    public int Format { get; init; } = 1;

    /// <summary>With intervals and figures.</summary>
    public required ModelMetrics Metrics { get; init; }

    /// <summary>Null: labels of several kinds a row, or more classes than are counted.</summary>
    public LabelCounts? Labels { get; init; }

    /// <summary>Null: answers that are no probabilities and no numbers, or fewer than 20 rows.</summary>
    public AnswerStrata? Strata { get; init; }

    /// <summary>By class; null: no probabilities, or too many classes.</summary>
    public IReadOnlyList<ClassMoments>? Classes { get; init; }

    /// <returns>Null where no metric could be computed.</returns>
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
