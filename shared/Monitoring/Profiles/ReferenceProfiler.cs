using Modeldrop.Registry;
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
    /// <param name="policy">The manifest's; it is sealed with the bins.</param>
    public static ReferenceProfile Build(
        IReadOnlyList<Tensor> inputs, IReadOnlyList<Tensor> outputs, Signature? signature = null, MonitoringPolicy? policy = null, ProfilerLimits? limits = null)
    {
        limits ??= new ProfilerLimits();
        return new ReferenceProfile
        {
            Rows = inputs is [{ Shape: [var rows, ..] }, ..] ? rows : Math.Min(inputs.Count, 1),
            Significance = policy?.Significance,
            Features =
            [
                .. inputs.SelectMany(tensor => Profile(tensor, isOutput: false, signature?.FindInput(tensor.Name), policy, limits)),
                .. outputs.SelectMany(tensor => Profile(tensor, isOutput: true, signature?.FindOutput(tensor.Name), policy, limits)),
            ],
        };
    }

    private static IEnumerable<ReferenceFeature> Profile(Tensor tensor, bool isOutput, TensorSpec? spec, MonitoringPolicy? policy, ProfilerLimits limits)
    {
        bool varies = spec is not null && Feature.WidthOf([.. spec.Shape]) < 0;
        IReadOnlyList<Feature> features = varies
            ? [new Feature(tensor.Name, isOutput, tensor.Name, -1, -1)]
            : Feature.Of(tensor.Name, isOutput, tensor.Shape, limits.Columns);
        foreach (Feature feature in features)
        {
            FeaturePolicy? own = policy?.FindFeature(feature.Name, feature.Tensor);
            (ReferenceFeature bins, bool isChosen) = Bins(tensor, feature, own, limits);
            bins = bins with { Policy = own };
            var counter = new FeatureCounter(bins);
            counter.Count(isChosen ? RowsThatDidNotChoose(tensor) : tensor, bins.Counts);
            yield return bins;
        }
    }

    /// <summary>Every second row of a tensor of strings.</summary>
    private static Tensor RowsThatDidNotChoose(Tensor tensor)
    {
        int width = (int)(tensor.Count / tensor.Shape[0]);
        string[] strings = [.. tensor.Strings!.Where((_, index) => index / width % 2 == 1)];
        return Tensor.OfStrings(tensor.Name, [strings.Length / width, .. tensor.Shape[1..]], strings);
    }

    /// <returns>Whether rows have chosen which of too many values get a bin; then the others must count, or each bin would have what made it be chosen, and all new data would look like less.</returns>
    private static (ReferenceFeature Bins, bool IsChosen) Bins(Tensor tensor, Feature feature, FeaturePolicy? policy, ProfilerLimits limits)
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
            if (policy?.Kind == FeaturePolicyKind.Category || (policy is not { Kind: FeaturePolicyKind.Numeric } and not { Range: not null }
                && new HashSet<long>(integers).Count <= limits.IntegerCategories))
            {
                ReferenceFeature category = Category(feature, integers.Select(value => Elements.ToText(tensor.Datatype, value)), null, limits);
                return (Scaled(category with { IsInteger = true }, [.. integers.Select(value => (double)value)]), false);
            }
        }

        double[] values = new double[count];
        Elements.ToDoubles(tensor.Datatype, tensor.Data.Span, start, stride, values);
        double[] finite = [.. values.Where(double.IsFinite).Order()];
        double[] edges = NumericBins.Edges(finite, limits, policy);
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
