using Modeldrop.Tensors;

namespace Modeldrop.Monitoring.Profiles;

/// <summary>The bins of a category: one per frequent value, and groups for the other values if there are more.</summary>
internal static class CategoryBins
{
    /// <param name="values">The values of all rows.</param>
    /// <returns>Null when there are more values than bins: then some rows choose the values, and the others are counted.</returns>
    public static ReferenceFeature? OfAll(Feature feature, bool isInteger, IReadOnlyList<string> values, ProfilerLimits limits)
    {
        KeyValuePair<string, int>[] counted = ByFrequency(values);
        if (counted.Length > limits.Categories || counted.Any(pair => pair.Key.Length > ReferenceProfiler.MaxValueLength))
        {
            return null;
        }

        return new ReferenceFeature
        {
            Feature = feature,
            Kind = FeatureKind.Category,
            IsInteger = isInteger,
            Values = [.. counted.Select(pair => pair.Key)],
            Singletons = counted.Count(pair => pair.Value == 1),
            Counts = new FeatureCounts { Bins = new long[counted.Length + 2] },
        };
    }

    /// <summary>
    /// The given rows choose the values that get a bin and the values that are known. Other rows are counted in these bins.
    /// </summary>
    /// <remarks>
    /// If the same rows chose and were counted, each bin would contain the values that selected it, no value would be new, and every bin
    /// would seem to shrink in new data.
    /// </remarks>
    public static ReferenceFeature OfChoosing(Feature feature, bool isInteger, IReadOnlyList<string> values, ProfilerLimits limits)
    {
        KeyValuePair<string, int>[] counted = ByFrequency(values);
        string[] listed = [.. counted.Select(pair => pair.Key).Where(value => value.Length <= ReferenceProfiler.MaxValueLength)
            .Take(limits.Categories)];
        uint[] known =
        [
            .. counted.Select(pair => pair.Key).Except(listed, StringComparer.Ordinal)
                .Select(value => TextHash.FingerprintOf(isInteger ? TextHash.Of(Elements.FromText(value)) : TextHash.Of(value)))
                .Distinct().Order().Take(limits.KnownValues),
        ];
        return new ReferenceFeature
        {
            Feature = feature,
            Kind = FeatureKind.Category,
            IsInteger = isInteger,
            Values = listed,
            Known = TextHash.Pack(known),
            KnownThrough = known.Length < limits.KnownValues ? uint.MaxValue : known[^1],
            Distinct = counted.Length,
            Counts = new FeatureCounts { Bins = new long[listed.Length + (2 * TextHash.Groups)] },
        };
    }

    private static KeyValuePair<string, int>[] ByFrequency(IEnumerable<string> values) =>
        [
            .. values.CountBy(value => value, StringComparer.Ordinal)
                .OrderByDescending(pair => pair.Value)
                .ThenBy(pair => pair.Key, StringComparer.Ordinal),
        ];

    /// <summary>Every second row of a tensor.</summary>
    public static Tensor RowsThatDidNotChoose(Tensor tensor) =>
        Rows(tensor, [.. Enumerable.Range(0, (int)tensor.Shape[0]).Where(row => row % 2 == 1)]);

    /// <summary>Some rows of a tensor.</summary>
    public static Tensor Rows(Tensor tensor, int[] rows)
    {
        int width = (int)(tensor.Count / tensor.Shape[0]);
        long[] shape = [rows.Length, .. tensor.Shape[1..]];
        if (tensor.Strings is { } strings)
        {
            return Tensor.OfStrings(tensor.Name, shape, [.. rows.SelectMany(row => strings[(row * width)..((row + 1) * width)])]);
        }

        int size = width * tensor.Datatype.ElementBytes();
        byte[] bytes = new byte[rows.Length * size];
        for (int index = 0; index < rows.Length; index++)
        {
            tensor.Data.Span.Slice(rows[index] * size, size).CopyTo(bytes.AsSpan(index * size));
        }

        return Tensor.OfBytes(tensor.Name, tensor.Datatype, shape, bytes);
    }
}
