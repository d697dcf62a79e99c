namespace Modeldrop.Storage;

/// <summary>The blob containers of the account.</summary>
public static class BlobContainers
{
    /// <summary>Models that people drop. The service reads it and writes <c>rejected.json</c>, but never empties it.</summary>
    public const string Drop = "drop";

    /// <summary>Immutable versions: <c>&lt;model&gt;/&lt;version&gt;/…</c>.</summary>
    public const string Models = "models";

    /// <summary>Copies for an operation: <c>&lt;operation&gt;/…</c>; deleted when it ends.</summary>
    public const string Staging = "staging";

    /// <summary>Records of the prediction log that are too large for its table: <c>&lt;partition&gt;/&lt;row&gt;.arrow</c>.</summary>
    public const string Predictions = "predictions";

    /// <summary>Data sets that came without a model: <c>&lt;name&gt;/&lt;sha256&gt;.csv</c>.</summary>
    public const string Datasets = "datasets";

    /// <summary>Files with rows to score, put there by people, and the answers beside them.</summary>
    public const string Batch = "batch";

    /// <summary>Artifacts that MLflow's client has uploaded: <c>&lt;experiment&gt;/&lt;run&gt;/artifacts/…</c>.</summary>
    public const string Artifacts = "artifacts";

    public static readonly IReadOnlyList<string> All = [Drop, Models, Staging, Predictions, Datasets, Batch, Artifacts];
}
