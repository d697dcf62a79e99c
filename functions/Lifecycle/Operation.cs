using System.Text.Json;
using Modeldrop.Lifecycle;

namespace Modeldrop.Functions.Lifecycle;

/// <summary>A durable operation, as <c>/api/operations</c> shows it.</summary>
/// <param name="Status"><c>pending</c>, <c>running</c>, <c>suspended</c>, <c>completed</c>, <c>failed</c> or <c>terminated</c>.</param>
/// <param name="Outcome">How a completed operation ended; null before, and for steps that are not operations of their own.</param>
/// <param name="Steps">What it has done so far, in order.</param>
/// <param name="Failure">What went wrong on our side.</param>
public sealed record Operation(
    string Id,
    string Kind,
    string Model,
    string Status,
    OperationOutcome? Outcome,
    int? Version,
    IReadOnlyList<string> Reasons,
    IReadOnlyList<OperationStep> Steps,
    string? Failure,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt)
{
    /// <param name="metadata">Fetched with inputs and outputs.</param>
    internal static Operation From(OrchestrationMetadata metadata)
    {
        OperationId? id = OperationId.Find(metadata.InstanceId);
        OperationProgress? progress = metadata.SerializedCustomStatus is null ? null : metadata.ReadCustomStatusAs<OperationProgress>();
        OperationResult? result = ResultOf(metadata);
        return new Operation(
            metadata.InstanceId,
            Name(id?.Kind.ToString() ?? metadata.Name),
            id?.Model ?? "",
            Name(metadata.RuntimeStatus.ToString()),
            result?.Outcome,
            result?.Version,
            result?.Reasons ?? [],
            progress?.Steps ?? [],
            metadata.FailureDetails?.ErrorMessage,
            metadata.CreatedAt,
            metadata.LastUpdatedAt);
    }

    private static OperationResult? ResultOf(OrchestrationMetadata metadata)
    {
        if (metadata.RuntimeStatus != OrchestrationRuntimeStatus.Completed || metadata.SerializedOutput is null)
        {
            return null;
        }

        // A step of an operation has an output of its own kind, without an outcome.
        using JsonDocument output = JsonDocument.Parse(metadata.SerializedOutput);
        bool isOperation = output.RootElement.ValueKind == JsonValueKind.Object
            && output.RootElement.EnumerateObject().Any(member => member.NameEquals(nameof(OperationResult.Outcome)) || member.NameEquals("outcome"));
        return isOperation ? metadata.ReadOutputAs<OperationResult>() : null;
    }

    private static string Name(string text) => JsonNamingPolicy.CamelCase.ConvertName(text);
}
