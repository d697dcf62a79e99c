using Modeldrop.Tensors;

namespace Modeldrop.Monitoring.Profiles;

/// <summary>Adds the features of slices to a profile: the same bins, counted only over the rows of a group.</summary>
/// <remarks>
/// A slice consists of the most frequent combinations of its inputs' values (<see cref="SliceGroup.MaxGroups"/>), each with enough rows in
/// the reference. The slice's own inputs, summaries, groups of elements, rows of varying width, and features that the manifest does not
/// watch are not sliced.
/// </remarks>
internal static class SliceProfiler
{
    public static (IReadOnlyList<SliceGroup> Groups, IReadOnlyList<ReferenceFeature> Features) Build(
        IReadOnlyList<ReferenceFeature> features, IReadOnlyList<Tensor> inputs, IReadOnlyList<Tensor> outputs,
        IReadOnlyList<IReadOnlyList<string>> slices)
    {
        List<SliceGroup> groups = [];
        List<ReferenceFeature> sliced = [];
        foreach (IReadOnlyList<string> slice in slices)
        {
            ReferenceFeature?[] own = [.. slice.Select(name =>
                features.FirstOrDefault(feature => feature.Feature.Name == name && IsColumn(feature) && !feature.Feature.IsOutput))];
            if (own.Any(feature => feature is null))
            {
                continue;
            }

            Dictionary<string, List<int>> rows = RowsByValues([.. own.Select(feature => feature!.Feature)], inputs);
            foreach ((string key, List<int> members) in rows.Where(pair => pair.Value.Count >= SliceGroup.MinRows)
                .OrderByDescending(pair => pair.Value.Count).ThenBy(pair => pair.Key, StringComparer.Ordinal).Take(SliceGroup.MaxGroups))
            {
                var group = new SliceGroup(slice, key.Split('\n'));
                sliced.AddRange(features.Where(feature => IsColumn(feature) && feature.Policy?.Watch != false
                    && (feature.Feature.IsOutput || !slice.Contains(feature.Feature.Name)))
                    .Select(feature => Count(feature, group, groups.Count, members, feature.Feature.IsOutput ? outputs : inputs)));
                groups.Add(group);
            }
        }

        return (groups, sliced);
    }

    private static bool IsColumn(ReferenceFeature feature) => feature.Feature is { IsSummary: false, Groups: 0, Row: null };

    private static ReferenceFeature Count(
        ReferenceFeature feature, SliceGroup group, int index, List<int> members, IReadOnlyList<Tensor> tensors)
    {
        // If some rows chose the bins, only the other rows count.
        int[] rows = [.. feature.Known is null ? members : members.Where(row => row % 2 == 1)];
        var sliced = feature with
        {
            Feature = feature.Feature with { Name = $"{feature.Feature.Name} [{group.Label}]", Slice = index },
            Counts = feature.EmptyCounts(),
        };
        new FeatureCounter(sliced)
            .Count(CategoryBins.Rows(tensors.First(tensor => tensor.Name == feature.Feature.Tensor), rows), sliced.Counts);
        return sliced;
    }

    private static Dictionary<string, List<int>> RowsByValues(Feature[] features, IReadOnlyList<Tensor> inputs)
    {
        Tensor[] tensors = [.. features.Select(feature => inputs.First(tensor => tensor.Name == feature.Tensor))];
        var rows = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        for (int row = 0; row < tensors.Min(tensor => tensor.Shape[0]); row++)
        {
            string?[] values = [.. features.Select((feature, index) =>
                SliceGroup.TextOf(tensors[index], (row * feature.Width) + feature.Column))];
            if (values.All(value => value is { Length: > 0 } && !value.Contains('\n', StringComparison.Ordinal)))
            {
                string key = string.Join('\n', values);
                if (!rows.TryGetValue(key, out List<int>? members))
                {
                    rows[key] = members = [];
                }

                members.Add(row);
            }
        }

        return rows;
    }
}
