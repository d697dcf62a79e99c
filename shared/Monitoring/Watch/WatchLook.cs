using Modeldrop.Monitoring.Statistics;

namespace Modeldrop.Monitoring.Watch;

/// <summary>The evidence about one feature so far.</summary>
/// <param name="LogEvidence">Natural logarithm, over all starts together.</param>
/// <param name="Since">The start that explains the evidence best.</param>
/// <param name="Matters">Whether the difference without its noise is large enough, counted from a start that the evidence supports.</param>
internal readonly record struct Evidence(double LogEvidence, long Since, bool Matters);

/// <summary>How the last day of traffic compares with its expectation.</summary>
/// <param name="Rows">Effective rows.</param>
/// <param name="Distance">Jensen-Shannon distance without noise; null without rows.</param>
/// <param name="LogEvidence">Evidence of these hours alone.</param>
internal readonly record struct Recent(double Rows, double? Distance, double LogEvidence);

/// <summary>Computes the evidence about a feature in a watch's state. Pure: the same state gives the same evidence.</summary>
/// <remarks>
/// The evidence about a feature is a weighted sum over the starts that the blocks allow (Shin, Ramdas and Rinaldo, E-detectors, 2024):
/// weeks without a change do not hide a change that happens now. The counts since a start are compared with the sum of the hours'
/// expectations. Rows from hours with different expectations vary no more than rows of the sum, so the evidence does not exceed what it
/// states (the mean of products is at most the product of means).
/// </remarks>
internal sealed class WatchLook(StoredWatch watch, WatchBaseline baseline, int feature)
{
    /// <summary>A change must have been seen in this many hours with traffic: an hour is one observation.</summary>
    private const int MinHours = 2;

    /// <summary>Number of standard errors by which the change of a share must exceed the change that matters.</summary>
    private const double ErrorsOfABin = 2;

    private readonly double _noise = watch.Season.IsKnown ? watch.Season.Noise[feature].OfRows : 1;
    private readonly double _shiftNoise = watch.Season.IsKnown ? watch.Season.Noise[feature].OfShift : 1;

    /// <summary>Sums the evidence over all starts.</summary>
    /// <param name="days">Length of a watch in days.</param>
    public Evidence Weigh(MonitoringOptions options, int days)
    {
        double share = options.Significance / baseline.Tested.Count;
        double enough = Math.Log(2 / options.Significance);
        double evidence = double.NegativeInfinity;
        double best = double.NegativeInfinity;
        long since = watch.ThroughHour;
        bool matters = false;
        WatchCounts sum = WatchCounts.Nothing;
        (int hours, double rows) = (0, 0);
        foreach (WatchBlock block in watch.Blocks.Reverse())
        {
            sum = sum.Add(block.Features[feature]);
            (hours, rows) = (hours + block.Hours, rows + block.Rows);
            if (hours < MinHours || sum.Counts.Length == 0)
            {
                continue;
            }

            double weight = Math.Log(watch.WeightOf(block.FromHour, days));
            bool isSeasonal = sum.Expected.Length > 0;
            double part = weight + (isSeasonal
                ? SeasonalPart(sum, hours, share, enough - weight)
                : BoundPart(sum, rows, share));
            double larger = Math.Max(evidence, part);
            evidence = double.IsNegativeInfinity(larger) ? larger : larger
                + Math.Log(Math.Exp(evidence - larger) + Math.Exp(part - larger));
            if (part > best)
            {
                (best, since) = (part, block.FromHour);
            }

            if (part >= enough)
            {
                matters = matters || !isSeasonal || Matters(sum, PrecisionOf(sum, hours, _noise), options);
            }
        }

        return double.IsNegativeInfinity(evidence) ? new Evidence(0, watch.SinceHour, false) : new Evidence(evidence, since, matters);
    }

    /// <summary>Measures the last day of traffic.</summary>
    public Recent Recent(double significance)
    {
        WatchCounts sum = WatchCounts.Nothing;
        foreach (WatchBlock block in watch.Blocks.Where(block => block.LastHour >= watch.ThroughHour - StoredWatch.FineHours))
        {
            sum = sum.Add(block.Features[feature]);
        }

        double rows = sum.Counts.Sum() / _noise;
        if (rows <= 0 || sum.Expected.Length == 0)
        {
            return new Recent(rows, null, 0);
        }

        return new Recent(rows, DistanceOf(sum, PrecisionOf(sum, StoredWatch.FineHours, _noise)),
            EvidenceOf(sum, StoredWatch.FineHours, significance / baseline.Tested.Count));
    }

    private double SeasonalPart(WatchCounts sum, int hours, double share, double enough)
    {
        double rows = sum.Counts.Sum();
        if (rows <= 0)
        {
            return 0;
        }

        // No alternative explains the counts better than their own shares do. If even that is not enough, no more precision is needed.
        double most = 0;
        double expected = sum.Expected.Sum();
        double noise = baseline.IsOrdered[feature] ? Math.Min(_noise, _shiftNoise) : _noise;
        for (int bin = 0; bin < sum.Counts.Length; bin++)
        {
            most += sum.Counts[bin] <= 0 ? 0 : sum.Counts[bin] / noise * Math.Log(sum.Counts[bin] / rows / (sum.Expected[bin] / expected));
        }

        return most < enough ? Math.Min(0, most) : EvidenceOf(sum, hours, share);
    }

    private double BoundPart(WatchCounts sum, double rows, double share)
    {
        if (!baseline.IsSeason)
        {
            return double.NegativeInfinity;
        }

        // Twice the week's rows at the pace of the busiest hour so far: quiet hours are a small part of their week.
        double part = Math.Min(1, rows / (2 * SeasonModel.Cells * Math.Max(1, watch.Season.PeakRows)));
        return SeasonBound.LogEvidence(sum.Counts, Scaled(baseline.Baseline[feature], 1 / baseline.BaselineEffects[feature]), part,
            share / 2);
    }

    /// <summary>Number of rows from which the expectation is known.</summary>
    private double PrecisionOf(WatchCounts sum, int hours, double noise)
    {
        double rows = Math.Max(1e-9, sum.Expected.Sum());
        double known = baseline.OfLog
            ? watch.Season.Cells[feature].Sum(cell => cell.Sum()) / noise
            : baseline.Baseline[feature].Sum() / baseline.BaselineEffects[feature];
        // The hours of a day share the uncertainty of the day; each day of a week has its own.
        double days = Math.Clamp(hours / 24.0, 1, 7);
        return 1 / ((1 / Math.Max(1, known)) + (noise * ((sum.HourDoubt / (rows * rows)) + (sum.DayDoubt / rows / days))));
    }

    /// <summary>Evidence of any change; for ordered bins, a shift has half of the weight.</summary>
    private double EvidenceOf(WatchCounts sum, int hours, double share)
    {
        bool isOrdered = baseline.IsOrdered[feature];
        double outside = share / (isOrdered ? 4 : 2);
        double any = new SequentialTest(Expected(_noise), isOrdered, outside).LogEvidence(Scaled(sum.Counts, 1 / _noise));
        return !isOrdered ? any : SequentialTest.LogMean(
            [any, new ShiftBet(Expected(_shiftNoise), outside).LogEvidence(Scaled(sum.Counts, 1 / _shiftNoise))]);

        double[] Expected(double noise) => Scaled(sum.Expected, PrecisionOf(sum, hours, noise) / sum.Expected.Sum());
    }

    /// <summary>Whether the distance reaches its floor, or a share has changed by a factor (<see cref="BinChanges.Matters"/>).</summary>
    /// <remarks>The manifest's floor decides alone, where it has one; else the installation's.</remarks>
    private bool Matters(WatchCounts sum, double precision, MonitoringOptions options)
    {
        double? floor = baseline.Floors[feature];
        if (DistanceOf(sum, precision) >= (floor ?? options.MinimumDistance))
        {
            return true;
        }

        (double rows, double expected) = (sum.Counts.Sum(), sum.Expected.Sum());
        return floor is null && sum.Counts.Zip(sum.Expected, (count, other) => (Now: count / rows, Then: other / expected)).Any(bin =>
        {
            double middle = (bin.Now + bin.Then) / 2;
            double error = Math.Sqrt(middle * (1 - middle) * ((_noise / rows) + (1 / precision)));
            double sure = Math.Max(0, Math.Abs(bin.Now - bin.Then) - (ErrorsOfABin * error));
            return BinChanges.Matters(bin.Then, bin.Then + (sure * Math.Sign(bin.Now - bin.Then)), options);
        });
    }

    /// <summary>Jensen-Shannon distance without the part that chance adds: (bins - 1) · (1/n + 1/m) / (8 ln 2) of the square.</summary>
    private double DistanceOf(WatchCounts sum, double precision)
    {
        double rows = Math.Max(1e-9, sum.Counts.Sum());
        double expected = Math.Max(1e-9, sum.Expected.Sum());
        double divergence = 0;
        int used = 0;
        for (int bin = 0; bin < sum.Counts.Length; bin++)
        {
            (double now, double then) = (sum.Counts[bin] / rows, sum.Expected[bin] / expected);
            double middle = (now + then) / 2;
            divergence += ((now > 0 ? now * Math.Log2(now / middle) : 0) + (then > 0 ? then * Math.Log2(then / middle) : 0)) / 2;
            used += middle > 0 ? 1 : 0;
        }

        return Math.Sqrt(Math.Max(0, divergence - (Math.Max(0, used - 1) * ((_noise / rows) + (1 / precision)) / (8 * Math.Log(2)))));
    }

    private static double[] Scaled(double[] counts, double factor) => [.. counts.Select(count => count * factor)];
}
