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

    /// <summary>Creates the bins from a table of reference data.</summary>
    /// <param name="inputs">The reference's rows; each tensor has the shape <c>[rows, …]</c>.</param>
    /// <param name="outputs">The version's answers to these rows.</param>
    /// <param name="signature">If given, it states which tensors have a variable width, whatever width the reference has.</param>
    /// <param name="policy">The manifest's policy; it is sealed with the bins.</param>
    public static ReferenceProfile Build(
        IReadOnlyList<Tensor> inputs, IReadOnlyList<Tensor> outputs, Signature? signature = null, MonitoringPolicy? policy = null,
        ProfilerLimits? limits = null)
    {
        ReferenceProfile profile = Build([new ReferencePart(inputs, outputs)], signature, policy, limits);
        return profile with
        {
            Features = [.. profile.Features.Select(feature => feature.Feature.Row == RowValue.Width
                ? feature with { IsFixed = true } : feature)],
        };
    }

    /// <summary>Creates the bins from logged requests, in which rows of a variable width have different widths.</summary>
    public static ReferenceProfile Build(IReadOnlyList<ReferencePart> parts, Signature? signature, MonitoringPolicy? policy,
        ProfilerLimits? limits = null)
    {
        limits ??= new ProfilerLimits();
        RowParts[] inputs = [.. RowParts.Of(parts.SelectMany(part => part.Inputs))];
        RowParts[] outputs = [.. RowParts.Of(parts.SelectMany(part => part.Outputs))];
        ReferenceFeature[] features =
        [
            .. inputs.SelectMany(rows => Profile(rows, isOutput: false, signature?.FindInput(rows.Name), policy, limits)),
            .. outputs.SelectMany(rows => Profile(rows, isOutput: true, signature?.FindOutput(rows.Name), policy, limits)),
        ];
        (IReadOnlyList<SliceGroup> groups, IReadOnlyList<ReferenceFeature> sliced) = SliceProfiler.Build(features,
            [.. inputs.Select(rows => rows.Whole())], [.. outputs.Select(rows => rows.Whole())], policy?.Slices ?? []);
        return new ReferenceProfile
        {
            Rows = parts.Sum(part => RowsOf(part.Inputs)),
            Keys = KeysOf(parts),
            Significance = policy?.Significance,
            Slices = groups,
            Features = [.. features, .. sliced],
        };
    }

    private static long RowsOf(IReadOnlyList<Tensor> inputs) =>
        inputs is [{ Shape: [var first, ..] }, ..] ? first : Math.Min(inputs.Count, 1);

    private static Dictionary<string, long> KeysOf(IReadOnlyList<ReferencePart> parts)
    {
        var sample = new KeySample();
        foreach (IReadOnlyList<Tensor> inputs in parts.Select(part => part.Inputs))
        {
            long rows = RowsOf(inputs);
            for (int row = 0; row < rows && inputs.All(tensor => tensor.Shape is [var first, ..] && first == rows); row++)
            {
                sample.Add(InputKey.Of(inputs, row));
            }
        }

        return sample.Counts.ToDictionary(one => one.Key.ToString("x16", CultureInfo.InvariantCulture), one => one.Value);
    }

    private static IEnumerable<ReferenceFeature> Profile(
        RowParts rows, bool isOutput, TensorSpec? spec, MonitoringPolicy? policy, ProfilerLimits limits)
    {
        bool varies = rows.Vary || (spec is { Columns: null } && Feature.WidthOf([.. spec.Shape]) < 0);
        IReadOnlyList<Feature> features = varies ? Feature.OfVarying(rows.Name, isOutput)
            : Feature.Of(rows.Name, isOutput, rows.Shape, limits.Columns, spec);
        Tensor tensor = rows.Whole();
        double[][]? groups = null;
        foreach (Feature feature in features)
        {
            FeaturePolicy? own = policy?.FindFeature(feature.Name, feature.Tensor);
            if (feature.Row is not null)
            {
                yield return OfRows(rows, feature, own, limits);
                continue;
            }

            if (feature.Groups > 0)
            {
                if (tensor.Strings is null)
                {
                    groups ??= new ElementGroups(feature.Width).SumsOf(tensor.Datatype, tensor.Data.Span, 0, (int)tensor.Shape[0]);
                    yield return OfGroup(feature, groups[feature.Column], limits) with { Policy = own };
                }

                continue;
            }

            ReferenceFeature bins = Counted(tensor, feature, own, limits);
            yield return isOutput || feature.IsSummary ? bins : bins with { TimeRole = RoleOf(tensor, feature) };
        }
    }

    private static ReferenceFeature OfRows(RowParts rows, Feature feature, FeaturePolicy? policy, ProfilerLimits limits)
    {
        Tensor values = rows.ValuesOf(feature);
        if (feature.Row == RowValue.Element)
        {
            ReferenceFeature elements = Counted(values, feature, policy, limits);
            elements.Counts.Missing += rows.Count - values.Shape[0];
            return elements;
        }

        // The manifest's range and kind are about the values.
        FeaturePolicy? own = policy is null ? null : policy with { Range = null, Kind = null };
        double[] widths = new double[values.Count];
        Elements.ToDoubles(values.Datatype, values.Data.Span, 0, 1, widths);
        double[] sorted = [.. widths.Order()];
        // A table has one width; the bins and sums are for those of the traffic.
        double[] edges = sorted is [var least, ..] && least == sorted[^1] ? NumericBins.EdgesOfWidths(least)
            : NumericBins.Edges(sorted, limits, null);
        ReferenceFeature bins = OfEdges(feature, edges, edges) with { Policy = own };
        new FeatureCounter(bins).Count(widths, bins.Counts);
        return bins;
    }

    private static ReferenceFeature Counted(Tensor tensor, Feature feature, FeaturePolicy? policy, ProfilerLimits limits)
    {
        (ReferenceFeature bins, bool isChosen) = Bins(tensor, feature, policy, limits);
        bins = bins with { Policy = policy };
        new FeatureCounter(bins).Count(isChosen ? CategoryBins.RowsThatDidNotChoose(tensor) : tensor, bins.Counts);
        return bins;
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
        (int start, int stride) = (feature.Start, feature.Stride);
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

    private static ReferenceFeature Numeric(Feature feature, double[] sorted, ProfilerLimits limits, FeaturePolicy? policy) =>
        OfEdges(feature, NumericBins.Edges(sorted, limits, policy), sorted);

    private static ReferenceFeature OfEdges(Feature feature, double[] edges, double[] sorted) =>
        Scaled(
            new ReferenceFeature
            {
                Feature = feature,
                Kind = FeatureKind.Numeric,
                Edges = edges,
                Counts = new FeatureCounts { Bins = new long[edges.Length + 1] },
            },
            sorted);

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
        double size = Math.Max(Math.Abs(min), Math.Abs(max));
        // One value says nothing about the size of a change.
        double range = Math.Min(double.MaxValue, max > min ? Math.Max(max - min, size * 1e-6) : Math.Max(size, 1));
        int exponent = Math.ILogB(range);
        return feature with { Center = center, Quantum = Math.ScaleB(1, Math.Clamp(exponent - 30, -1000, 990)) };
    }
}
