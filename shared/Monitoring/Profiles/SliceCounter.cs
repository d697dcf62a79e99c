using Modeldrop.Predictions;

namespace Modeldrop.Monitoring.Profiles;

/// <summary>Counts the rows of a pack in the features of their slices.</summary>
internal sealed class SliceCounter
{
    private readonly ReferenceProfile _reference;
    private readonly FeatureCounter[] _counters;
    private readonly (Feature[] Inputs, Dictionary<string, int> Groups)[] _slices;
    private readonly int[][] _features;

    /// <param name="counters">One per feature of the profile.</param>
    public SliceCounter(ReferenceProfile reference, FeatureCounter[] counters)
    {
        _reference = reference;
        _counters = counters;
        _slices =
        [
            .. reference.Slices.Index().GroupBy(slice => slice.Item.InputKey).Select(slice => (
                slice.First().Item.Inputs
                    .Select(name =>
                        reference.Features.First(feature => feature.Feature.Name == name && !feature.Feature.IsOutput
                        && feature.Feature.Slice < 0).Feature).ToArray(),
                slice.ToDictionary(group => group.Item.Key, group => group.Index, StringComparer.Ordinal))),
        ];
        _features =
        [
            .. Enumerable.Range(0, reference.Slices.Count)
                .Select(group => Enumerable.Range(0, reference.Features.Count)
                    .Where(index => reference.Features[index].Feature.Slice == group).ToArray()),
        ];
    }

    public void Count(PackColumns columns, int record, HourProfile profile)
    {
        foreach ((Feature[] inputs, Dictionary<string, int> groups) in _slices)
        {
            TensorColumn?[] own = [.. inputs.Select(input => Find(columns.Inputs, input, record))];
            if (own.Any(column => column is null))
            {
                continue;
            }

            long rows = PackCounter.RowsOf(columns, record);
            for (int row = 0; row < rows; row++)
            {
                string key = string.Join('\n', inputs.Select((input, index) => TextAt(own[index]!, record, input, row)));
                if (groups.TryGetValue(key, out int group))
                {
                    CountRow(columns, record, row, group, profile);
                }
            }
        }
    }

    private void CountRow(PackColumns columns, int record, int row, int group, HourProfile profile)
    {
        foreach (int index in _features[group])
        {
            Feature feature = _reference.Features[index].Feature;
            TensorColumn? column = Find(feature.IsOutput ? columns.Outputs : columns.Inputs, feature, record);
            int element = column is null ? 0 : column.Offsets[record] + (row * feature.Width);
            if (column is null || element + feature.Width > column.Offsets[record + 1])
            {
                profile.Features[index].Missing++;
            }
            else
            {
                _counters[index].Count(column, element, feature.Width, profile.Features[index]);
            }
        }
    }

    private static string? TextAt(TensorColumn column, int record, Feature input, int row)
    {
        int element = column.Offsets[record] + (row * input.Width) + input.Column;
        return element < column.Offsets[record + 1] ? SliceGroup.TextOf(column, element) : null;
    }

    private static TensorColumn? Find(IReadOnlyList<TensorColumn> columns, Feature feature, int record) =>
        columns.FirstOrDefault(column => column.Name == feature.Tensor && Feature.WidthOf(column.ShapeOf(record)) == feature.Width);
}
