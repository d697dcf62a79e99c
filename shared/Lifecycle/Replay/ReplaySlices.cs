using System.Collections.Immutable;
using Modeldrop.Metrics;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Tensors;

namespace Modeldrop.Lifecycle.Replay;

/// <summary>
/// Divides rows into slices by the values of their inputs: each string or integer value, and the profile's bins of a number if the champion
/// has a profile.
/// </summary>
/// <remarks>Only inputs with one element a row have slices. Without a profile, numbers have no bins and so no slices.</remarks>
public sealed class ReplaySlices
{
    private readonly Dictionary<string, ReferenceFeature> _numeric;

    /// <param name="profile">The champion's profile; null: it has none.</param>
    public ReplaySlices(ReferenceProfile? profile) => _numeric = (profile?.Features ?? [])
        .Where(feature => !feature.Feature.IsOutput && feature.Feature.Width == 1 && feature.Kind == FeatureKind.Numeric)
        .ToDictionary(feature => feature.Feature.Tensor, StringComparer.Ordinal);

    /// <param name="disagrees">For each row, whether candidate and champion disagree.</param>
    internal ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, SliceCount>?> Of(
        IReadOnlyList<Tensor> inputs, IReadOnlyList<bool> disagrees)
    {
        var slices = ImmutableSortedDictionary.CreateBuilder<string, ImmutableSortedDictionary<string, SliceCount>?>(
            StringComparer.Ordinal);
        foreach (Tensor input in inputs)
        {
            if (input.Count == disagrees.Count && KeyOf(input) is { } key)
            {
                slices[_numeric.GetValueOrDefault(input.Name)?.Feature.Name ?? input.Name] = Count(key, disagrees);
            }
        }

        return slices.ToImmutable();
    }

    private static ImmutableSortedDictionary<string, SliceCount>? Count(Func<int, string> key, IReadOnlyList<bool> disagrees)
    {
        var counts = ImmutableSortedDictionary.CreateBuilder<string, SliceCount>(StringComparer.Ordinal);
        for (int row = 0; row < disagrees.Count; row++)
        {
            var count = new SliceCount(1, disagrees[row] ? 1 : 0);
            string slice = key(row);
            counts[slice] = counts.TryGetValue(slice, out SliceCount? present) ? present.Plus(count) : count;
        }

        return counts.Count > ReplaySummary.MaxSlices ? null : counts.ToImmutable();
    }

    private Func<int, string>? KeyOf(Tensor input)
    {
        if (_numeric.TryGetValue(input.Name, out ReferenceFeature? feature) && input.Datatype != Datatype.Bytes)
        {
            IReadOnlyList<string> labels = feature.BinLabels();
            return row => BinOf(feature, labels, TensorValues.Number(input, row));
        }

        return TensorValues.IsFloat(input.Datatype) ? null : row => TensorValues.Text(input, row);
    }

    private static string BinOf(ReferenceFeature feature, IReadOnlyList<string> labels, double value) =>
        double.IsNaN(value) ? "NaN" : labels[feature.Edges!.Count(edge => edge <= value)];
}
