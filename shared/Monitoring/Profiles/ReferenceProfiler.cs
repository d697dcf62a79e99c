using System.Globalization;
using Modeldrop.Manifests;
using Modeldrop.Tensors;

namespace Modeldrop.Monitoring.Profiles;

/// <summary>Limits for the bins of a reference.</summary>
public sealed record ProfilerLimits
{
    /// <summary>Number of bins between quantiles.</summary>
    public int Bins { get; init; } = 10;

    /// <summary>Maximum number of a category's values that get their own bin.</summary>
    public int Categories { get; init; } = 64;

    /// <summary>Maximum number of a category's other values whose fingerprints are kept, to distinguish them from unseen values.</summary>
    public int KnownValues { get; init; } = 65_536;

    /// <summary>An integer feature with at most this many values is a category.</summary>
    public int IntegerCategories { get; init; } = 32;

    /// <summary>Maximum number of columns of a tensor that become features; a wider tensor becomes one summary.</summary>
    public int Columns { get; init; } = 256;
}

/// <summary>Creates the bins of a version from its reference data and counts the reference in them.</summary>
public static class ReferenceProfiler
{
    /// <summary>Longer strings get no bin.</summary>
    public const int MaxValueLength = 256;

    /// <param name="inputs">The reference's rows; each tensor has the shape <c>[rows, …]</c>.</param>
    /// <param name="outputs">The version's answers to these rows.</param>
    /// <param name="signature">If given, inputs of variable width are summaries, whatever width the reference has.</param>
    /// <param name="policy">The manifest's policy; it is sealed with the bins.</param>
    public static ReferenceProfile Build(
        IReadOnlyList<Tensor> inputs, IReadOnlyList<Tensor> outputs, Signature? signature = null, MonitoringPolicy? policy = null,
        ProfilerLimits? limits = null)
    {
        limits ??= new ProfilerLimits();
        long rows = inputs is [{ Shape: [var first, ..] }, ..] ? first : Math.Min(inputs.Count, 1);
        ReferenceFeature[] features =
        [
            .. inputs.SelectMany(tensor => Profile(tensor, isOutput: false, signature?.FindInput(tensor.Name), policy, limits)),
            .. outputs.SelectMany(tensor => Profile(tensor, isOutput: true, signature?.FindOutput(tensor.Name), policy, limits)),
        ];
        (IReadOnlyList<SliceGroup> groups, IReadOnlyList<ReferenceFeature> sliced) = SliceProfiler.Build(features, inputs, outputs,
            policy?.Slices ?? []);
        return new ReferenceProfile
        {
            Rows = rows,
            Keys = KeysOf(inputs, rows),
            Significance = policy?.Significance,
            Slices = groups,
            Features = [.. features, .. sliced],
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

    private static IEnumerable<ReferenceFeature> Profile(
        Tensor tensor, bool isOutput, TensorSpec? spec, MonitoringPolicy? policy, ProfilerLimits limits)
    {
        bool varies = spec is { Columns: null } && Feature.WidthOf([.. spec.Shape]) < 0;
        IReadOnlyList<Feature> features = varies
            ? [new Feature(tensor.Name, isOutput, tensor.Name, -1, -1)]
            : Feature.Of(tensor.Name, isOutput, tensor.Shape, limits.Columns, spec);
        double[][]? groups = null;
        foreach (Feature feature in features)
        {
            FeaturePolicy? own = policy?.FindFeature(feature.Name, feature.Tensor);
            if (feature.Groups > 0)
            {
                if (tensor.Strings is null)
                {
                    groups ??= new ElementGroups(feature.Width).SumsOf(tensor.Datatype, tensor.Data.Span, 0, (int)tensor.Shape[0]);
                    yield return OfGroup(feature, groups[feature.Column], limits) with { Policy = own };
                }

                continue;
            }

            (ReferenceFeature bins, bool isChosen) = Bins(tensor, feature, own, limits);
            bins = bins with { Policy = own };
            var counter = new FeatureCounter(bins);
            counter.Count(isChosen ? CategoryBins.RowsThatDidNotChoose(tensor) : tensor, bins.Counts);
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

    private static ReferenceFeature OfGroup(Feature feature, double[] values, ProfilerLimits limits)
    {
        ReferenceFeature bins = Numeric(feature, [.. values.Where(double.IsFinite).Order()], limits, null);
        new FeatureCounter(bins).Count(values, bins.Counts);
        return bins;
    }

    /// <returns>
    /// IsChosen: some rows have chosen which of too many values get a bin. Only the other rows may then be counted. Otherwise each bin
    /// would contain the values that selected it, and every bin would seem to shrink in new data.
    /// </returns>
    private static (ReferenceFeature Bins, bool IsChosen) Bins(Tensor tensor, Feature feature, FeaturePolicy? policy, ProfilerLimits limits)
    {
        int start = Math.Max(0, feature.Column);
        int stride = feature.IsSummary ? 1 : feature.Width;
        int count = checked((int)(tensor.Count / stride));
        int perRow = feature.IsSummary ? Math.Max(1, (int)(tensor.Count / Math.Max(1, tensor.Shape[0]))) : 1;
        if (tensor.Strings is { } strings)
        {
            string[] texts = [.. Enumerable.Range(0, count).Select(index => strings[start + (index * stride)])];
            return Category(feature, isInteger: false, texts, perRow, limits);
        }

        if (Elements.IsInteger(tensor.Datatype))
        {
            long[] integers = new long[count];
            Elements.ToLongs(tensor.Datatype, tensor.Data.Span, start, stride, integers);
            if (policy?.Kind == FeaturePolicyKind.Category || (policy is not { Kind: FeaturePolicyKind.Numeric } and not { Range: not null }
                && new HashSet<long>(integers).Count <= limits.IntegerCategories))
            {
                string[] texts = [.. integers.Select(value => Elements.ToText(tensor.Datatype, value))];
                (ReferenceFeature category, bool isChosen) = Category(feature, isInteger: true, texts, perRow, limits);
                return (Scaled(category, [.. integers.Select(value => (double)value)]), isChosen);
            }
        }

        double[] values = new double[count];
        Elements.ToDoubles(tensor.Datatype, tensor.Data.Span, start, stride, values);
        double[] finite = [.. values.Where(double.IsFinite).Order()];
        return (Numeric(feature, finite, limits, policy), false);
    }

    private static ReferenceFeature Numeric(Feature feature, double[] sorted, ProfilerLimits limits, FeaturePolicy? policy)
    {
        double[] edges = NumericBins.Edges(sorted, limits, policy);
        return Scaled(
            new ReferenceFeature
            {
                Feature = feature,
                Kind = FeatureKind.Numeric,
                Edges = edges,
                Counts = new FeatureCounts { Bins = new long[edges.Length + 1] },
            },
            sorted);
    }

    /// <param name="values">Row by row.</param>
    private static (ReferenceFeature Bins, bool IsChosen) Category(
        Feature feature, bool isInteger, string[] values, int perRow, ProfilerLimits limits)
    {
        if (CategoryBins.OfAll(feature, isInteger, [.. values.Where(value => value.Length > 0)], limits) is { } all)
        {
            return (all, false);
        }

        string[] choosing = [.. values.Where((value, index) => value.Length > 0 && index / perRow % 2 == 0)];
        return (CategoryBins.OfChoosing(feature, isInteger, choosing, limits), true);
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
