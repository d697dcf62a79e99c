using Modeldrop.Tensors;

namespace Modeldrop.Monitoring.Profiles;

/// <summary>Converts rows to numbers, for the watched features of a profile.</summary>
public sealed class RowSampler
{
    /// <summary>Maximum number of numbers kept from a reference: with very many features there are fewer rows.</summary>
    private const int MaxNumbers = 500_000;

    private readonly ReferenceFeature[] _features;
    private readonly FeatureCounter[] _counters;
    private readonly Dictionary<int, ElementGroups> _groups;

    public RowSampler(ReferenceProfile profile)
    {
        _features = [.. profile.Features.Where(feature => feature is { Feature: { IsSummary: false, Slice: < 0 }, IsFixed: false }
            && feature.Policy?.Watch != false)];
        _counters = [.. _features.Select(feature => new FeatureCounter(feature))];
        _groups = _features.Where(feature => feature.Feature.Groups > 0).Select(feature => feature.Feature.Width).Distinct()
            .ToDictionary(width => width, width => new ElementGroups(width));
    }

    /// <summary>Names of the columns: inputs by name, outputs with the prefix <c>output </c>.</summary>
    public IReadOnlyList<string> Names =>
        [.. _features.Select(feature => (feature.Feature.IsOutput ? "output " : "") + feature.Feature.Name)];

    /// <summary>Returns evenly spaced rows; null when a tensor is missing or its shape differs from the profile's.</summary>
    public RowSample? Sample(IReadOnlyList<Tensor> inputs, IReadOnlyList<Tensor> outputs, int maxRows)
    {
        Tensor?[] tensors = [.. _features.Select(feature => (feature.Feature.IsOutput ? outputs : inputs)
            .FirstOrDefault(one => Fits(one, feature)))];
        if (tensors.Length == 0 || tensors.Any(tensor => tensor is null))
        {
            return null;
        }

        int rows = (int)tensors.Min(tensor => tensor!.Shape[0]);
        int kept = Math.Min(Math.Min(rows, maxRows), Math.Max(1, MaxNumbers / _features.Length));
        int[] chosen = [.. Enumerable.Range(0, kept).Select(row => (int)((long)row * rows / kept))];
        var sums = new Dictionary<Tensor, double[][]>();
        return new RowSample(Names, [.. _features.Select((feature, index) => ValuesOf(index, tensors[index]!, chosen, sums))]);
    }

    /// <summary>Combines requests whose rows may have different widths; requests that do not fit the profile are left out.</summary>
    /// <returns>Evenly spaced rows; null when no request fits.</returns>
    public RowSample? Sample(IEnumerable<ReferencePart> requests, int maxRows)
    {
        RowSample[] fitting = [.. requests.Select(part => Sample(part.Inputs, part.Outputs, int.MaxValue)).OfType<RowSample>()];
        int rows = fitting.Sum(sample => sample.Rows);
        int kept = Math.Min(Math.Min(rows, maxRows), MaxNumbers / Math.Max(1, _features.Length));
        int[] chosen = [.. Enumerable.Range(0, kept).Select(row => (int)((long)row * rows / kept))];
        return rows == 0 ? null : new RowSample(Names, [.. Names.Select((_, column) =>
        {
            double[] values = [.. fitting.SelectMany(sample => sample.Columns[column])];
            return chosen.Select(row => values[row]).ToArray();
        })]);
    }

    private static bool Fits(Tensor tensor, ReferenceFeature feature) => tensor.Name == feature.Feature.Tensor && tensor.Shape is [> 0, ..]
        && (feature.Feature.Row is null ? tensor.Count / tensor.Shape[0] == feature.Feature.Width : tensor.Count > 0)
        && (tensor.Strings is null || feature.Kind == FeatureKind.Category || feature.Feature.Row == RowValue.Width);

    private double[] ValuesOf(int index, Tensor tensor, int[] chosen, Dictionary<Tensor, double[][]> sums)
    {
        ReferenceFeature feature = _features[index];
        if (feature.Feature.Groups > 0)
        {
            if (!sums.TryGetValue(tensor, out double[][]? groups))
            {
                Tensor some = CategoryBins.Rows(tensor, chosen);
                sums[tensor] = groups = _groups[feature.Feature.Width].SumsOf(some.Datatype, some.Data.Span, 0, chosen.Length);
            }

            return groups[feature.Feature.Column];
        }

        Tensor rows = CategoryBins.Rows(feature.Feature.Row is null ? tensor : VaryingRows.ValuesOf(tensor, feature.Feature), chosen);
        double[] values = new double[chosen.Length];
        if (feature.Kind == FeatureKind.Numeric)
        {
            Elements.ToDoubles(rows.Datatype, rows.Data.Span, feature.Feature.Start, feature.Feature.Stride, values);
            return values;
        }

        // A category becomes the bin that counts the row; each group of rare values is one value.
        for (int row = 0; row < values.Length; row++)
        {
            FeatureCounts counts = feature.EmptyCounts();
            _counters[index].Count(CategoryBins.Rows(rows, [row]), counts);
            int bin = Array.IndexOf(feature.ComparedOf(counts), 1);
            values[row] = bin >= 0 ? bin : counts.Missing > 0 ? double.NaN : feature.BinCount;
        }

        return values;
    }
}
