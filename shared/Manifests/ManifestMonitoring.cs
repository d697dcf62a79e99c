namespace Modeldrop.Manifests;

/// <summary>Reads the parts of <c>monitoring</c> in a manifest that concern features.</summary>
internal static class ManifestMonitoring
{
    private const int MaxFeatures = 10_000;
    private const int MaxName = 512;
    private const int MaxSlices = 10;

    /// <summary>Most inputs of one slice.</summary>
    private const int MaxInputs = 2;

    private const double MaxImportance = 100;

    /// <summary>Largest number of a <c>float</c>.</summary>
    private const double MaxNumber = 3.4e38;

    public static IReadOnlyDictionary<string, FeaturePolicy> ReadFeatures(ManifestFields fields) =>
        fields.Members(MaxFeatures, MaxName).ToDictionary(name => name, name => ReadFeature(fields.Object(name)), StringComparer.Ordinal);

    /// <summary>Lists of one or two different names.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> ReadSlices(ManifestFields fields)
    {
        IReadOnlyList<IReadOnlyList<string>> slices = fields.NameLists("slices", MaxSlices, MaxInputs, MaxName) ?? [];
        if (slices.Select(slice => string.Join('\n', slice.Order(StringComparer.Ordinal))).Distinct().Count() < slices.Count)
        {
            fields.Violation<object>($"'{fields.Path("slices")}' names the same inputs twice.");
        }

        return slices;
    }

    private static FeaturePolicy ReadFeature(ManifestFields fields)
    {
        var feature = new FeaturePolicy(
            fields.Flag("watch"),
            fields.Number("floor", 0, 1),
            fields.Number("importance", 0, MaxImportance, open: true),
            fields.Has("range") ? ReadRange(fields.Object("range")) : null,
            fields.Choice<FeaturePolicyKind>("kind"));
        return feature is { Kind: FeaturePolicyKind.Category, Range: not null }
            ? fields.Violation<FeaturePolicy>($"'{fields.Path("range")}' does not apply to a category.") ?? feature
            : feature;
    }

    private static ExpectedRange ReadRange(ManifestFields fields)
    {
        var range = new ExpectedRange(fields.Number("min", -MaxNumber, MaxNumber), fields.Number("max", -MaxNumber, MaxNumber));
        if (range.Min > range.Max)
        {
            fields.Violation<object>($"'{fields.Path("min")}' is above '{fields.Path("max")}': every number is out of range.");
        }

        return range;
    }
}
