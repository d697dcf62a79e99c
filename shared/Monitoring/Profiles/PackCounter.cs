using Modeldrop.Predictions;

namespace Modeldrop.Monitoring.Profiles;

/// <summary>Counts the packs of a version in the bins of its reference, by hour of event time.</summary>
internal sealed class PackCounter
{
    private const long MicrosecondsPerHour = 3_600_000_000;

    private readonly ReferenceProfile? _reference;
    private readonly FeatureCounter[] _counters;
    private readonly Dictionary<int, ElementGroups> _groups = [];
    private readonly SliceCounter? _slices;

    /// <summary>Number of features over all rows; the features of slices follow them.</summary>
    private readonly int _whole;
    private readonly FeatureCounts[] _requests;

    public PackCounter(ReferenceProfile? reference)
    {
        _reference = reference;
        _counters = reference is null ? [] : [.. reference.Features.Select(feature => new FeatureCounter(feature))];
        _whole = reference?.Features.Count(feature => feature.Feature.Slice < 0) ?? 0;
        _slices = reference is { Slices.Count: > 0 } ? new SliceCounter(reference, _counters) : null;
        _requests = reference is null ? [] : [.. reference.Features.Select(feature => feature.EmptyCounts())];
    }

    /// <summary>Adds a pack's counts to <paramref name="hours"/> (hours since 1970-01-01T00Z; earlier hours are negative).</summary>
    public void Count(LogPack pack, IDictionary<long, HourProfile> hours)
    {
        using PackColumns columns = pack.ReadColumns();
        ReadOnlySpan<long> times = columns.EventTimes;
        int first = 0;
        while (first < columns.Records)
        {
            // Records of one hour are mostly adjacent: a run is counted at once.
            long hour = HourOf(times[first]);
            int end = first + 1;
            while (end < columns.Records && HourOf(times[end]) == hour)
            {
                end++;
            }

            if (!hours.TryGetValue(hour, out HourProfile? profile))
            {
                hours[hour] = profile = HourProfile.Empty(_reference);
            }

            CountRun(columns, first, end, profile);
            first = end;
        }
    }

    private static long HourOf(long microseconds) =>
        (microseconds / MicrosecondsPerHour) - (microseconds % MicrosecondsPerHour < 0 ? 1 : 0);

    private void CountRun(PackColumns columns, int first, int end, HourProfile profile)
    {
        profile.Records += end - first;
        ReadOnlySpan<long> durations = columns.Durations;
        for (int record = first; record < end; record++)
        {
            profile.Rows += RowsOf(columns, record);
            profile.Keys.Add(InputKey.Of(columns, record));
            profile.DurationMicroseconds += durations[record];
            profile.MaxDurationMicroseconds = Math.Max(profile.MaxDurationMicroseconds, durations[record]);
        }

        // Features of one tensor are adjacent.
        for (int feature = 0; feature < _whole;)
        {
            Feature tensor = _reference!.Features[feature].Feature;
            int next = feature + 1;
            while (next < _whole && _reference.Features[next].Feature is var other && other.Tensor == tensor.Tensor
                && other.IsOutput == tensor.IsOutput)
            {
                next++;
            }

            CountTensor(columns, first, end, new TensorFeatures(tensor, feature, next), profile);
            feature = next;
        }

        for (int record = first; _slices is not null && record < end; record++)
        {
            _slices.Count(columns, record, profile);
        }
    }

    private void CountTensor(PackColumns columns, int first, int end, TensorFeatures features, HourProfile profile)
    {
        Feature tensor = features.Tensor;
        TensorColumn? column = (tensor.IsOutput ? columns.Outputs : columns.Inputs)
            .FirstOrDefault(candidate => candidate.Name == tensor.Tensor);
        long missing = 0;
        int record = first;
        while (record < end)
        {
            int fit = record;
            while (fit < end && column is not null && Fits(column.ShapeOf(fit), tensor))
            {
                fit++;
            }

            if (fit > record && tensor.Row is null)
            {
                CountFitting(column!, record, fit, features, profile);
            }
            else if (fit > record)
            {
                CountVarying(column!, record, fit, features, profile);
            }

            if (fit < end)
            {
                missing += RowsOf(columns, fit);
            }

            record = fit + 1;
        }

        for (int index = features.First; index < features.Next; index++)
        {
            profile.Features[index].Missing += missing;
        }
    }

    private static bool Fits(ReadOnlySpan<long> shape, Feature tensor) =>
        tensor.Row is not null ? shape.Length > 0 : Feature.WidthOf(shape) == tensor.Width;

    /// <summary>Counts records whose rows have the width that the features expect.</summary>
    private void CountFit(TensorColumn column, int start, int count, TensorFeatures features, IReadOnlyList<FeatureCounts> target)
    {
        double[][]? sums = null;
        for (int index = features.First; index < features.Next; index++)
        {
            Feature one = _reference!.Features[index].Feature;
            if (one.Groups == 0)
            {
                _counters[index].Count(column, start, count, target[index]);
            }
            else if (column.Datatype == Tensors.Datatype.Bytes)
            {
                target[index].Missing += count / one.Width;
            }
            else
            {
                sums ??= GroupsOf(one.Width).SumsOf(column.Datatype, column.Values, start, count / one.Width);
                _counters[index].Count(sums[one.Column], target[index]);
            }
        }
    }

    private ElementGroups GroupsOf(int width)
    {
        if (!_groups.TryGetValue(width, out ElementGroups? groups))
        {
            _groups[width] = groups = new ElementGroups(width);
        }

        return groups;
    }

    /// <summary>Counts single-row records at once, and the rows of other records also in pairs, as they may resemble each other.</summary>
    private void CountFitting(TensorColumn column, int first, int end, TensorFeatures features, HourProfile profile)
    {
        Feature tensor = features.Tensor;
        ReadOnlySpan<int> offsets = column.Offsets;
        int record = first;
        while (record < end)
        {
            int next = record;
            while (next < end && (tensor.IsSummary || offsets[next + 1] - offsets[next] <= tensor.Width))
            {
                next++;
            }

            bool isOneByOne = next > record;
            next = isOneByOne ? next : record + 1;
            CountFit(
                column, offsets[record], offsets[next] - offsets[record], features, isOneByOne ? profile.Features : _requests);
            for (int index = features.First; index < features.Next && !isOneByOne; index++)
            {
                profile.Features[index].AddRequest(_requests[index]);
                _requests[index].Clear();
            }

            record = next;
        }
    }

    /// <summary>Counts one value of each row, whatever its width, and the rows of a request also in pairs.</summary>
    private void CountVarying(TensorColumn column, int first, int end, TensorFeatures features, HourProfile profile)
    {
        for (int record = first; record < end; record++)
        {
            for (int index = features.First; index < features.Next; index++)
            {
                _counters[index].CountRecord(column, record, _requests[index]);
                profile.Features[index].AddRequest(_requests[index]);
                _requests[index].Clear();
            }
        }
    }

    /// <summary>The number of rows of a record, from its first input.</summary>
    internal static long RowsOf(PackColumns columns, int record) =>
        columns.Inputs.Count > 0 && columns.Inputs[0].ShapeOf(record) is [var rows, ..] ? rows : 1;

    /// <summary>The features of one tensor, which are adjacent: from <paramref name="First"/> to before <paramref name="Next"/>.</summary>
    /// <param name="Tensor">The first of them.</param>
    private readonly record struct TensorFeatures(Feature Tensor, int First, int Next);
}
