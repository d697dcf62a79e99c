using Modeldrop.Monitoring.Profiles;

namespace Modeldrop.Monitoring.Drift;

/// <summary>
/// Finds outputs that always have the same or the opposite value of another: the probabilities of two classes are one finding, not two.
/// </summary>
/// <remarks>
/// Such outputs have the same standard deviation in the reference and in the window, and their means moved by the same distance.
/// </remarks>
internal static class SameOutputs
{
    private const double Tolerance = 1e-5;

    /// <returns>The earlier output that this one repeats; null: none.</returns>
    public static string? Before(IReadOnlyList<FeatureDrift> features, int index)
    {
        FeatureDrift one = features[index];
        return one.IsOutput && one.Kind == FeatureKind.Numeric
            ? features.Take(index)
                .FirstOrDefault(other => other.IsOutput && other.Kind == FeatureKind.Numeric && other.Slice == one.Slice
                && Repeats(one, other))?.Name
            : null;
    }

    private static bool Repeats(FeatureDrift one, FeatureDrift other) =>
        one.ReferenceDeviation is > 0 and var scale && one.ReferenceCount == other.ReferenceCount && one.CurrentCount == other.CurrentCount
        && Near(scale, other.ReferenceDeviation, scale)
        && Near(one.CurrentDeviation, other.CurrentDeviation, scale)
        && Near(Math.Abs((one.CurrentMean - one.ReferenceMean) ?? 0), Math.Abs((other.CurrentMean - other.ReferenceMean) ?? 0), scale);

    private static bool Near(double? left, double? right, double scale) => left is { } one && right is { } other
        && Math.Abs(one - other) <= Tolerance * scale;
}
