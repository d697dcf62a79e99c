using Modeldrop.Names;
using Modeldrop.Tabular;

namespace Modeldrop.Registry;

/// <summary>The data to register as a version of a data set.</summary>
/// <param name="Digest">SHA-256 of its bytes, lower-case hexadecimal.</param>
/// <param name="Columns">In the order of the file.</param>
/// <param name="Uri">Origin of the data set. The service's own copy is in the folder of each version in
/// <see cref="DatasetVersion.Uses"/>.</param>
public sealed record DatasetRegistration(
    DatasetName Name,
    string Digest,
    long Rows,
    IReadOnlyList<string> Columns,
    long Bytes,
    string? Uri = null,
    string? Note = null)
{
    /// <summary>See <see cref="DatasetVersion.Profile"/>.</summary>
    public IReadOnlyList<ColumnProfile> Profile { get; init; } = [];

    /// <summary>See <see cref="DatasetVersion.RegisteredBy"/>.</summary>
    public string? RegisteredBy { get; init; }

    /// <summary>See <see cref="DatasetVersion.File"/>.</summary>
    public string? File { get; init; }
}

/// <summary>A version of a model that came from a data set.</summary>
/// <param name="Path">Path of the data set's bytes in the models container: the copy in that version's folder; null if the version came
/// without one.</param>
public sealed record DatasetUse(ModelName Model, int Version, string? Path);

/// <summary>A version of a data set. It never changes, except that more models may come from it.</summary>
public sealed record DatasetVersion
{
    public required string Name { get; init; }

    /// <summary>Counted from 1.</summary>
    public required int Version { get; init; }

    public required string Digest { get; init; }

    public required long Rows { get; init; }

    public required IReadOnlyList<string> Columns { get; init; }

    public required long Bytes { get; init; }

    public string? Uri { get; init; }

    public string? Note { get; init; }

    public required DateTimeOffset RegisteredAt { get; init; }

    /// <summary>A person's name, or <c>system</c>; null for a version registered before names were stored.</summary>
    public string? RegisteredBy { get; init; }

    /// <summary>Blob with the bytes in the container for data sets; null if it came with a model, see <see cref="Uses"/>.</summary>
    public string? File { get; init; }

    /// <summary>
    /// Profiles by column, in the order of <see cref="Columns"/>; only the first ones if there are very many. Lists do not contain them.
    /// </summary>
    public IReadOnlyList<ColumnProfile>? Profile { get; init; }

    /// <summary>By model and version. The path of a use leads to the bytes.</summary>
    public IReadOnlyList<DatasetUse> Uses { get; init; } = [];
}
