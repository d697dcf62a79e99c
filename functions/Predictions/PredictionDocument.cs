using Modeldrop.Registry;

namespace Modeldrop.Functions.Predictions;

/// <summary>
/// The document that <see cref="PredictionAnswer"/> writes, for the description of the API. Tensors are those of the Open Inference
/// Protocol.
/// </summary>
internal sealed record PredictionDocument(
    string Id, string Model, int Version, string ModelSha256, string? Alias, string? RequestId, string? Error, DateTimeOffset ReceivedAt,
    DateTimeOffset EventTime, double Sample, double DurationMs, string Environment, IReadOnlyList<PredictionTensor> Inputs,
    IReadOnlyList<PredictionTensor> Outputs, DatasetReference? Dataset, IReadOnlyList<PredictionLabels> Feedback);

internal sealed record PredictionTensor(string Name, string Datatype, IReadOnlyList<long> Shape, IReadOnlyList<object?> Data);

internal sealed record PredictionLabels(IReadOnlyList<string?> Labels, DateTimeOffset ReceivedAt, string Actor);
