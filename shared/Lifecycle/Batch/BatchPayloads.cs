using System.Text.Json.Serialization;
using Modeldrop.Names;
using Modeldrop.Tabular;

namespace Modeldrop.Lifecycle.Batch;

// Running instances store the payloads of orchestrations and activities. Until 1.0 they change in place, from 1.0 on by a V2 beside them.

public enum BatchResultFormat
{
    Csv,
    JsonLines,
}

/// <summary>A file to score.</summary>
/// <param name="Path">Path of the blob in the container <c>batch</c>.</param>
/// <param name="Keep">Columns of the file that are copied to the result; null: none.</param>
public sealed record BatchInput(
    ModelName Model, int Version, string Path, TableFormat Format, BatchResultFormat Result,
    IReadOnlyList<string>? Keep = null)
{
    [JsonIgnore]
    public VersionName Name => new(Model, Version);
}

/// <param name="Operation">The operation's id. Every effect is stored under it, so that a repetition finds it.</param>
public sealed record BatchStepInput(OperationId Operation, BatchInput Batch);

/// <param name="Chunk">Counted from 0.</param>
public sealed record BatchChunkInput(BatchStepInput Step, int Chunk);

/// <param name="Violations">Why the file cannot be scored; empty when it can.</param>
public sealed record BatchPlanResult(int Chunks, IReadOnlyList<string> Violations);

/// <summary>The outcome of the rows of one chunk, or of all chunks.</summary>
/// <param name="Failed">How many of <paramref name="Rows"/> got a problem instead of outputs.</param>
/// <param name="Problems">The first problems, with their lines.</param>
/// <param name="Refusal">Why the whole chunk could not be scored; null when it was scored.</param>
public sealed record BatchRows(long Rows, long Failed, IReadOnlyList<string> Problems, string? Refusal = null)
{
    /// <summary>The number of problems that fits into an operation's status.</summary>
    public const int MaxProblems = 10;

    public static readonly BatchRows None = new(0, 0, []);

    /// <summary>Adds the counts, and lists this one's problems first.</summary>
    public BatchRows Plus(BatchRows other) =>
        new(Rows + other.Rows, Failed + other.Failed, [.. Problems.Concat(other.Problems).Take(MaxProblems)], Refusal ?? other.Refusal);
}

public sealed record BatchEndInput(BatchStepInput Step, BatchRows Rows);

/// <summary>The progress of a batch.</summary>
/// <param name="Result">The blob with the answers, beside the input; null until it exists.</param>
public sealed record BatchProgress(int Chunks, int Done, long Rows, long Failed, string? Result);
