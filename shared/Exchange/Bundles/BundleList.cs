using Modeldrop.Registry;

namespace Modeldrop.Exchange.Bundles;

/// <summary>
/// Content of <c>bundle.json</c>: the contents of a bundle. It does not record when, where or by whom the bundle was exported.
/// </summary>
internal sealed record BundleList
{
    /// <summary>A bundle with another number has another format, which this version cannot read.</summary>
    public const string CurrentFormat = "modeldrop-bundle/1";

    public required string Format { get; init; }

    /// <summary>The exported version.</summary>
    public required VersionOrigin Origin { get; init; }

    /// <summary>Every entry except <c>bundle.json</c>, <c>bundle.sig</c> and <c>bundle.sha256</c>, in ordinal order.</summary>
    public required IReadOnlyList<VersionFile> Entries { get; init; }

    /// <summary>
    /// Files of the version that were left out, by their path in the version: data, unless it was requested, and files that an earlier
    /// bundle had left out.
    /// </summary>
    public IReadOnlyList<VersionFile> Omitted { get; init; } = [];
}
