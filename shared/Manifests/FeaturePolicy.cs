namespace Modeldrop.Manifests;

/// <summary>How a feature's bins are derived from the reference data.</summary>
public enum FeaturePolicyKind
{
    /// <summary>Bins between quantiles, even for integers with few values.</summary>
    Numeric,

    /// <summary>A bin for each frequent value, even for integers with many values. Texts are always categories.</summary>
    Category,
}

/// <summary>The owner's settings for one feature: <c>monitoring.features.&lt;name&gt;</c>.</summary>
/// <param name="Watch">False: compared and reported, but not part of the verdict. True: part of the verdict, even if profiling would leave
/// it out. Null: profiling decides.</param>
/// <param name="Floor">Jensen-Shannon distance, 0 to 1, below which a difference of this feature does not matter; null: the general
/// rules.</param>
/// <param name="Importance">Its weight in the error budget of a check; other features have 1.</param>
/// <param name="Range">Numbers outside are out of range; null: the reference's minimum and maximum.</param>
/// <param name="Kind">Null: decided by its type and its number of values.</param>
public sealed record FeaturePolicy(
    bool? Watch = null, double? Floor = null, double? Importance = null, ExpectedRange? Range = null, FeaturePolicyKind? Kind = null);

/// <summary>The range of valid numbers, both ends included.</summary>
/// <param name="Min">Null: the reference's minimum.</param>
/// <param name="Max">Null: the reference's maximum.</param>
public sealed record ExpectedRange(double? Min = null, double? Max = null);
