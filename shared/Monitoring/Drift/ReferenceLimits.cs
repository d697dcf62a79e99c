using System.Globalization;
using MathNet.Numerics;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Monitoring.Statistics;

namespace Modeldrop.Monitoring.Drift;

/// <summary>Describes what a small reference can and cannot reveal, however much traffic there is.</summary>
public static class ReferenceLimits
{
    /// <summary>With at least this many rows, the floor hides small changes, not the reference.</summary>
    private const int Enough = 2_000;

    /// <summary>More traffic than this changes nothing.</summary>
    private const long Unlimited = 1_000_000_000;

    /// <summary>A note for the owner; null when the reference is large enough.</summary>
    public static string? NoteOf(ReferenceProfile profile, MonitoringOptions options)
    {
        if (profile.Rows >= Enough)
        {
            return null;
        }

        if (profile.Rows < options.MinimumRows)
        {
            return $"The reference has {profile.Rows} rows, so there is no verdict about drift, however much traffic there is: "
                + $"{options.MinimumRows} rows are needed. "
                + $"Drop a version with more rows, or without reference data; in the second case its first "
                + $"{options.ReferenceRows} logged rows become the reference.";
        }

        int features = Math.Max(1, profile.Features.Count(feature => !feature.Feature.IsSummary && feature.Policy?.Watch != false));
        double significance = DriftEvaluator.SignificanceOf(profile, options) / features;
        double[] deciles = [.. Enumerable.Repeat(0.1, 10)];
        DetectableShift shift = DetectableShift.Of(profile.Rows, Unlimited, deciles, significance * (1 - BinChanges.Part), isOrdered: true,
            options.MinimumDistance);
        string deviations = shift.Deviations is { } value
            ? string.Create(CultureInfo.InvariantCulture, $"a shift of a number only of about {value:0.00} σ or more")
            : "no shift of a number";
        return string.Create(CultureInfo.InvariantCulture,
            $"The reference has {profile.Rows} rows, so even unlimited traffic reveals {deviations}, and values out of range only in "
                + $"{BeyondOf(profile.Rows, significance):P1} of the rows or more. More "
                + $"reference rows reveal smaller changes.");
    }

    /// <summary>
    /// The noise limit for the share of values outside a reference's range: unchanged data exceeds it with the given chance. By Beta(2, m -
    /// 1), see <see cref="RecordTail"/>.
    /// </summary>
    internal static double BeyondOf(long reference, double chance)
    {
        double low = 0;
        double high = 1;
        for (int step = 0; step < 60; step++)
        {
            double middle = (low + high) / 2;
            (low, high) = 1 - SpecialFunctions.BetaRegularized(2, reference - 1, middle) > chance ? (middle, high) : (low, middle);
        }

        return high;
    }
}
