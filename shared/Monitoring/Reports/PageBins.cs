using System.Globalization;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Profiles;

namespace Modeldrop.Monitoring.Reports;

/// <summary>The bins of a feature in the form that people expect.</summary>
internal static class PageBins
{
    /// <summary>Whole numbers in their order, texts by frequency; the groups of other values together; no empty bins.</summary>
    public static IReadOnlyList<BinShift> Of(FeatureDrift feature)
    {
        IEnumerable<BinShift> bins = feature.Bins;
        if (feature.Kind == FeatureKind.Category)
        {
            BinShift[] own = [.. feature.Bins.Where(bin => !IsRest(bin))];
            bool isWhole = own.All(bin => long.TryParse(bin.Bin, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _));
            bins =
            [
                .. isWhole ? own.OrderBy(bin => long.Parse(bin.Bin, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture))
                    : own.AsEnumerable(),
                .. feature.Bins.Where(IsRest).GroupBy(RestOf)
                    .Select(rest => new BinShift(rest.Key, rest.Sum(bin => bin.Reference), rest.Sum(bin => bin.Current))),
            ];
        }

        return [.. bins.Where(bin => bin.Reference + bin.Current > 0)];
    }

    private static bool IsRest(BinShift bin) => bin.Bin.StartsWith("(other", StringComparison.Ordinal)
        || bin.Bin.StartsWith("(unseen", StringComparison.Ordinal);

    private static string RestOf(BinShift bin) => bin.Bin.StartsWith("(other", StringComparison.Ordinal) ? "(other)" : "(unseen)";
}
