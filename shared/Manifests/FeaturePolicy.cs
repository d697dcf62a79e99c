namespace Modeldrop.Manifests;

/// <summary>How the reference data's bins of a feature are made.</summary>
public enum FeaturePolicyKind
{
    /// <summary>Bins between quantiles, also of integers with few values.</summary>
    Numeric,

    /// <summary>A bin for each frequent value, also of integers with many values. Texts are always categories.</summary>
    Category,
}

/// <summary>What the owner says of one feature: <c>monitoring.features.&lt;name&gt;</c>.</summary>
/// <param name="Watch">False: compared and reported, without a verdict. True: part of the verdict, also where it would be left out by
/// itself. Null: what profiling says.</param>
/// <param name="Floor">Jensen-Shannon distance, 0 to 1, below which a difference of this feature does not matter; null: the general
/// rules.</param>
/// <param name="Importance">Its weight in the error budget of a check, beside 1 for the others.</param>
/// <param name="Range">Numbers outside are out of range; null: the reference's least and greatest.</param>
/// <param name="Kind">Null: by its type and its number of values.</param>
public sealed record FeaturePolicy(
    bool? Watch = null, double? Floor = null, double? Importance = null, ExpectedRange? Range = null, FeaturePolicyKind? Kind = null);

/// <summary>Numbers that are fine, both ends included.</summary>
/// <param name="Min">Null: the reference's least.</param>
/// <param name="Max">Null: the reference's greatest.</param>
public sealed record ExpectedRange(double? Min = null, double? Max = null);
