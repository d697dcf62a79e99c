using System.Globalization;
using Modeldrop.Tensors;

namespace Modeldrop.Monitoring.Profiles;

/// <summary>How fine a reference is divided.</summary>
public sealed record ProfilerLimits
{
    /// <summary>Bins between quantiles.</summary>
    public int Bins { get; init; } = 10;

    /// <summary>Values of a category that get a bin each.</summary>
    public int Categories { get; init; } = 64;

    /// <summary>Further values of a category that are remembered, to tell them from unseen ones.</summary>
    public int KnownValues { get; init; } = 1_000;

    /// <summary>An integer feature with at most so many values is a category.</summary>
    public int IntegerCategories { get; init; } = 32;

    /// <summary>Columns of one tensor that are features of their own; a wider tensor is one summary.</summary>
    public int Columns { get; init; } = 256;
}

/// <summary>Seals the bins of a version from its reference data and counts the reference in them.</summary>
public static class ReferenceProfiler
{
    /// <summary>Longer strings get no bin of their own.</summary>
    public const int MaxValueLength = 256;

    /// <param name="inputs">The reference's rows, each tensor <c>[rows, …]</c>.</param>
    /// <param name="outputs">What the version says to these rows.</param>
    /// <param name="signature">Where given, rows of varying width are summaries, whatever width the reference has.</param>
    public static ReferenceProfile Build(
        IReadOnlyList<Tensor> inputs, IReadOnlyList<Tensor> outputs, Signature? signature = null, ProfilerLimits? limits = null)
    {
        limits ??= new ProfilerLimits();
        long rows = inputs is [{ Shape: [var first, ..] }, ..] ? first : Math.Min(inputs.Count, 1);
        return new ReferenceProfile
        {
            Rows = rows,
            Keys = KeysOf(inputs, rows),
            Features =
            [
                .. inputs.SelectMany(tensor => Profile(tensor, isOutput: false, signature?.FindInput(tensor.Name), limits)),
                .. outputs.SelectMany(tensor => Profile(tensor, isOutput: true, signature?.FindOutput(tensor.Name), limits)),
            ],
        };
    }

    private static Dictionary<string, long> KeysOf(IReadOnlyList<Tensor> inputs, long rows)
    {
        var sample = new KeySample();
        if (inputs.All(tensor => tensor.Shape is [var first, ..] && first == rows))
        {
            for (int row = 0; row < rows; row++)
            {
                sample.Add(InputKey.Of(inputs, row));
            }
        }

        return sample.Counts.ToDictionary(one => one.Key.ToString("x16", CultureInfo.InvariantCulture), one => one.Value);
    }

    private static IEnumerable<ReferenceFeature> Profile(Tensor tensor, bool isOutput, TensorSpec? spec, ProfilerLimits limits)
    {
        bool varies = spec is not null && Feature.WidthOf([.. spec.Shape]) < 0;
        IReadOnlyList<Feature> features = varies
            ? [new Feature(tensor.Name, isOutput, tensor.Name, -1, -1)]
            : Feature.Of(tensor.Name, isOutput, tensor.Shape, limits.Columns);
        foreach (Feature feature in features)
        {
            (ReferenceFeature bins, bool isChosen) = Bins(tensor, feature, limits);
            var counter = new FeatureCounter(bins);
            counter.Count(isChosen ? RowsThatDidNotChoose(tensor) : tensor, bins.Counts);
            yield return isOutput || feature.IsSummary ? bins : bins with { TimeRole = RoleOf(tensor, feature) };
        }
    }

    private static TimeRole? RoleOf(Tensor tensor, Feature feature)
    {
        int count = checked((int)(tensor.Count / feature.Width));
        if (tensor.Strings is { } strings)
        {
            return TimeFunction.Of(feature.Name,
                [.. Enumerable.Range(0, count).Select(index => strings[feature.Column + (index * feature.Width)])]);
        }

        double[] values = new double[count];
        Elements.ToDoubles(tensor.Datatype, tensor.Data.Span, feature.Column, feature.Width, values);
        return TimeFunction.Of(feature.Name, values, Elements.IsInteger(tensor.Datatype));
    }

    /// <summary>Every second row of a tensor of strings.</summary>
    private static Tensor RowsThatDidNotChoose(Tensor tensor)
    {
        int width = (int)(tensor.Count / tensor.Shape[0]);
        string[] strings = [.. tensor.Strings!.Where((_, index) => index / width % 2 == 1)];
        return Tensor.OfStrings(tensor.Name, [strings.Length / width, .. tensor.Shape[1..]], strings);
    }

    /// <returns>Whether rows have chosen which of too many values get a bin; then the others must count, or each bin would have what made it be chosen, and all new data would look like less.</returns>
    private static (ReferenceFeature Bins, bool IsChosen) Bins(Tensor tensor, Feature feature, ProfilerLimits limits)
    {
        int start = Math.Max(0, feature.Column);
        int stride = feature.IsSummary ? 1 : feature.Width;
        int count = checked((int)(tensor.Count / stride));
        if (tensor.Strings is { } strings)
        {
            string[] texts = [.. Enumerable.Range(0, count).Select(index => strings[start + (index * stride)])];
            ReferenceFeature all = Category(feature, texts.Where(text => text.Length > 0), null, limits);
            if (feature.IsSummary || all.Others!.Length == 0 || count < 2)
            {
                return (all, false);
            }

            return (Category(feature, texts.Where(text => text.Length > 0), texts.Where((text, index) => text.Length > 0 && index % 2 == 0), limits), true);
        }

        if (Elements.IsInteger(tensor.Datatype))
        {
            long[] integers = new long[count];
            Elements.ToLongs(tensor.Datatype, tensor.Data.Span, start, stride, integers);
            if (new HashSet<long>(integers).Count <= limits.IntegerCategories)
            {
                ReferenceFeature category = Category(feature, integers.Select(value => Elements.ToText(tensor.Datatype, value)), null, limits);
                return (Scaled(category with { IsInteger = true }, [.. integers.Select(value => (double)value)]), false);
            }
        }

        double[] values = new double[count];
        Elements.ToDoubles(tensor.Datatype, tensor.Data.Span, start, stride, values);
        double[] finite = [.. values.Where(double.IsFinite).Order()];
        double[] edges = Edges(finite, limits.Bins);
        return (Scaled(
            new ReferenceFeature
            {
                Feature = feature,
                Kind = FeatureKind.Numeric,
                Edges = edges,
                Counts = new FeatureCounts { Bins = new long[edges.Length + 1] },
            },
            finite), false);
    }

    /// <param name="choosing">The values that say which are the most frequent; null: all.</param>
    private static ReferenceFeature Category(Feature feature, IEnumerable<string> values, IEnumerable<string>? choosing, ProfilerLimits limits)
    {
        string[] byFrequency = ByFrequency(values);
        string[] listed = [.. (choosing is null ? byFrequency : ByFrequency(choosing)).Take(limits.Categories)];
        string[] others = [.. byFrequency.Except(listed, StringComparer.Ordinal)];
        return new ReferenceFeature
        {
            Feature = feature,
            Kind = FeatureKind.Category,
            Values = listed,
            Others = [.. others.Take(limits.KnownValues)],
            OpenEnded = others.Length > limits.KnownValues,
            Counts = new FeatureCounts { Bins = new long[listed.Length + 2] },
        };
    }

    private static string[] ByFrequency(IEnumerable<string> values) =>
        [
            .. values.CountBy(value => value, StringComparer.Ordinal)
                .OrderByDescending(pair => pair.Value)
                .ThenBy(pair => pair.Key, StringComparer.Ordinal)
                .Select(pair => pair.Key)
                .Where(value => value.Length <= MaxValueLength),
        ];

    /// <summary>Order statistics as edges; a value that holds a bin's share of the rows or more gets a bin of its own.</summary>
    private static double[] Edges(double[] sorted, int bins)
    {
        if (sorted.Length == 0)
        {
            return [0];
        }

        var edges = new SortedSet<double> { sorted[0], double.BitIncrement(sorted[^1]) };
        for (int bin = 1; bin < bins; bin++)
        {
            double value = sorted[(int)((long)bin * sorted.Length / bins)];
            edges.Add(value);
            if (CountOf(sorted, value) >= Math.Max(2, sorted.Length / bins))
            {
                edges.Add(double.BitIncrement(value));
            }
        }

        return [.. edges];
    }

    private static int CountOf(double[] sorted, double value) => FirstAtLeast(sorted, double.BitIncrement(value)) - FirstAtLeast(sorted, value);

    private static int FirstAtLeast(double[] sorted, double value)
    {
        int low = 0;
        int high = sorted.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = sorted[middle] < value ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private static ReferenceFeature Scaled(ReferenceFeature feature, double[] finite)
    {
        if (finite.Length == 0)
        {
            return feature;
        }

        double min = finite.Min();
        double max = finite.Max();
        double center = min + ((max - min) / 2);
        double range = Math.Min(double.MaxValue, Math.Max(max - min, Math.Max(Math.Abs(min), Math.Abs(max)) * 1e-6));
        int exponent = range == 0 ? 0 : Math.ILogB(range);
        return feature with { Center = center, Quantum = Math.ScaleB(1, Math.Clamp(exponent - 30, -1000, 990)) };
    }
}
