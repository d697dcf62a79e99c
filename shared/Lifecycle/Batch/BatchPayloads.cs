using System.Text.Json.Serialization;
using Modeldrop.Names;
using Modeldrop.Tabular;

namespace Modeldrop.Lifecycle.Batch;

// Payloads of orchestrations and activities are stored by running instances: they are changed by a V2 beside them, never in place.

public enum BatchResultFormat
{
    Csv,
    JsonLines,
}

/// <summary>A file whose rows are to be scored.</summary>
/// <param name="Path">Of the blob in the container <c>batch</c>.</param>
/// <param name="Keep">Columns of the file that the result has too; null: none.</param>
public sealed record BatchInput(
    ModelName Model, int Version, string Path, TableFormat Format, BatchResultFormat Result, string Actor,
    IReadOnlyList<string>? Keep = null)
{
    [JsonIgnore]
    public VersionName Name => new(Model, Version);
}

/// <param name="Operation">Its id; every effect is stored under it, so that a repetition finds it.</param>
public sealed record BatchStepInput(string Operation, BatchInput Batch);

/// <param name="Chunk">Counted from 0.</param>
public sealed record BatchChunkInput(BatchStepInput Step, int Chunk);

/// <param name="Violations">Why the file cannot be scored; empty when it can.</param>
public sealed record BatchPlanResult(int Chunks, IReadOnlyList<string> Violations);

/// <summary>How the rows of a chunk, or of all, fared.</summary>
/// <param name="Failed">Of <paramref name="Rows"/>: got a problem instead of outputs.</param>
/// <param name="Problems">The first ones, with their lines.</param>
/// <param name="Refusal">Why the chunk could not be scored at all; null when it was.</param>
public sealed record BatchRows(long Rows, long Failed, IReadOnlyList<string> Problems, string? Refusal = null)
{
    /// <summary>As many as fit into an operation's status.</summary>
    public const int MaxProblems = 10;

    public static readonly BatchRows None = new(0, 0, []);

    /// <summary>Both together, this one's problems first.</summary>
    public BatchRows Plus(BatchRows other) =>
        new(Rows + other.Rows, Failed + other.Failed, [.. Problems.Concat(other.Problems).Take(MaxProblems)], Refusal ?? other.Refusal);
}

public sealed record BatchEndInput(BatchStepInput Step, BatchRows Rows);

/// <summary>Where a batch stands.</summary>
/// <param name="Result">The blob with the answers, beside the input; null until it is there.</param>
public sealed record BatchProgress(int Chunks, int Done, long Rows, long Failed, string? Result);
