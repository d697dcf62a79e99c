using Modeldrop.Registry;

namespace Modeldrop.Exchange.Bundles;

/// <summary>Content of <c>bundle.json</c>: what a bundle holds. Nothing in it says when, where or by whom it was exported.</summary>
internal sealed record BundleList
{
    /// <summary>Another number is another format, which this one does not read.</summary>
    public const string CurrentFormat = "modeldrop-bundle/1";

    public required string Format { get; init; }

    /// <summary>The version that was exported.</summary>
    public required VersionOrigin Origin { get; init; }

    /// <summary>Every entry but <c>bundle.json</c>, <c>bundle.sig</c> and <c>bundle.sha256</c>, in ordinal order.</summary>
    public required IReadOnlyList<VersionFile> Entries { get; init; }

    /// <summary>Files of the version that were left out, by their path in the version: data, unless it was asked for,
    /// and what an earlier bundle had left out.</summary>
    public IReadOnlyList<VersionFile> Omitted { get; init; } = [];
}
