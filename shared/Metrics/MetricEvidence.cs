using MathNet.Numerics.Distributions;

namespace Modeldrop.Metrics;

public enum EvidenceKind
{
    /// <summary>A share of rows: cases, trials.</summary>
    Share,

    /// <summary>
    /// F1, as 2θ / (1 + θ), where θ is the share of hits among all rows that are of the positive class or answered with it: hits, rows.
    /// </summary>
    Overlap,

    /// <summary>An area under the ROC curve: rows of the positive class, other rows.</summary>
    Area,

    /// <summary>A mean of one value per row: its standard error, rows.</summary>
    Mean,

    /// <summary>The root of a mean of one value per row: the standard error of the mean, rows.</summary>
    RootMean,

    /// <summary>Any other metric: the deviation over resamples of the rows, rows.</summary>
    Resampled,
}

/// <summary>A summary of the rows behind a metric: enough to bound it at any confidence, without the rows.</summary>
/// <remarks>
/// Shares: <see cref="ClopperPearson"/>, whose bounds are never too narrow. Areas: method 5 of Newcombe, Confidence intervals for an effect
/// size measure based on the Mann-Whitney statistic, part 2 (2006): the bound is the area whose own standard error explains the distance.
/// It also holds with few rows and for an area of 1, where the variance of DeLong is 0. Means and resampled metrics: Student's t.
/// </remarks>
/// <param name="Value">The metric measured on the rows.</param>
/// <param name="A">The first of the two figures that <see cref="EvidenceKind"/> names.</param>
/// <param name="B">The second of the two figures.</param>
public sealed record MetricEvidence(EvidenceKind Kind, double Value, double A, double B)
{
    /// <summary>Minimum rows of each kind for a verdict.</summary>
    private const int EnoughOfAKind = 10;

    /// <summary>Minimum number of rows for a mean to be about normal.</summary>
    private const int EnoughForAMean = 30;

    /// <summary>Whether there are enough rows of each kind for a verdict.</summary>
    public bool IsEnough => Kind switch
    {
        EvidenceKind.Share or EvidenceKind.Overlap => B >= EnoughOfAKind,
        EvidenceKind.Area => Math.Min(A, B) >= EnoughOfAKind,
        _ => B >= EnoughForAMean,
    };

    /// <returns>Null without trials.</returns>
    public static MetricEvidence? Share(int cases, int trials) =>
        trials == 0 ? null : new MetricEvidence(EvidenceKind.Share, (double)cases / trials, cases, trials);

    /// <returns>Null without rows.</returns>
    public static MetricEvidence? Overlap(int hits, int rows) =>
        rows == 0 ? null : new MetricEvidence(EvidenceKind.Overlap, F1((double)hits / rows), hits, rows);

    /// <returns>Null without an area.</returns>
    public static MetricEvidence? Area(double? area, bool[] isPositive)
    {
        int positives = isPositive.Count(one => one);
        return area is { } value ? new MetricEvidence(EvidenceKind.Area, value, positives, isPositive.Length - positives) : null;
    }

    /// <returns>Null for fewer than two rows, or with a NaN.</returns>
    public static MetricEvidence? Mean(double[] values)
    {
        double mean = values.Length < 2 ? double.NaN : values.Average();
        return double.IsFinite(mean) ? new MetricEvidence(EvidenceKind.Mean, mean, ErrorOf(values, mean), values.Length) : null;
    }

    /// <returns>Null for fewer than two rows, or with a NaN.</returns>
    public static MetricEvidence? RootMean(double[] values) =>
        Mean(values) is { } mean ? mean with { Kind = EvidenceKind.RootMean, Value = Math.Sqrt(mean.Value) } : null;

    public static MetricEvidence Resampled(double value, IReadOnlyCollection<double> resamples, int rows)
    {
        double mean = resamples.Average();
        double deviation = Math.Sqrt(resamples.Sum(one => (one - mean) * (one - mean)) / Math.Max(1, resamples.Count - 1));
        return new MetricEvidence(EvidenceKind.Resampled, value, deviation, rows);
    }

    /// <summary>The metric on all rows except some; null when it cannot be computed from these figures.</summary>
    /// <param name="part">The same metric on the excluded rows.</param>
    public MetricEvidence? Without(MetricEvidence part)
    {
        if (part.Kind != Kind || part.B >= B)
        {
            return null;
        }

        double rows = B - part.B;
        if (Kind is EvidenceKind.Share or EvidenceKind.Overlap)
        {
            return Kind == EvidenceKind.Share ? Share((int)(A - part.A), (int)rows) : Overlap((int)(A - part.A), (int)rows);
        }

        if (Kind is not (EvidenceKind.Mean or EvidenceKind.RootMean) || rows < 2)
        {
            return null;
        }

        double mean = ((B * MeanOf(this)) - (part.B * MeanOf(part))) / rows;
        double squares = Math.Max(0, SquaresOf(this) - SquaresOf(part) - (rows * mean * mean));
        return new MetricEvidence(
            Kind, Kind == EvidenceKind.RootMean ? Math.Sqrt(Math.Max(0, mean)) : mean, Math.Sqrt(squares / (rows - 1) / rows), rows);

        static double MeanOf(MetricEvidence one) => one.Kind == EvidenceKind.RootMean ? one.Value * one.Value : one.Value;

        static double SquaresOf(MetricEvidence one) =>
            (one.A * one.A * one.B * (one.B - 1)) + (one.B * MeanOf(one) * MeanOf(one));
    }

    /// <param name="tail">Maximum chance that the true value is beyond each bound.</param>
    public MetricInterval Interval(double tail) => new(Lower(tail), Upper(tail)) { Evidence = this };

    public double Lower(double tail) => Kind switch
    {
        EvidenceKind.Share => ClopperPearson.Lower(A, B, tail),
        EvidenceKind.Overlap => F1(ClopperPearson.Lower(A, B, tail)),
        EvidenceKind.Area => BoundOfArea(tail, 0),
        EvidenceKind.RootMean => Math.Sqrt(Math.Max(0, (Value * Value) - Distance(tail))),
        _ => Value - Distance(tail),
    };

    public double Upper(double tail) => Kind switch
    {
        EvidenceKind.Share => ClopperPearson.Upper(A, B, tail),
        EvidenceKind.Overlap => F1(ClopperPearson.Upper(A, B, tail)),
        EvidenceKind.Area => BoundOfArea(tail, 1),
        EvidenceKind.RootMean => Math.Sqrt((Value * Value) + Distance(tail)),
        _ => Value + Distance(tail),
    };

    private double Distance(double tail) => A * StudentT.InvCDF(0, 1, Math.Max(1, B - 1), 1 - tail);

    /// <summary>The point between the area and the end whose distance is z times the standard error of an area there.</summary>
    private double BoundOfArea(double tail, double end)
    {
        double z = Normal.InvCDF(0, 1, 1 - tail);
        (double near, double far) = (Value, end);
        for (int halving = 0; halving < 60; halving++)
        {
            double middle = (near + far) / 2;
            bool isWithin = (middle - Value) * (middle - Value) <= z * z * VarianceOfArea(middle);
            (near, far) = isWithin ? (middle, far) : (near, middle);
        }

        return far;
    }

    private double VarianceOfArea(double area)
    {
        double pairs = ((A + B) / 2) - 1;
        return area * (1 - area) * (1 + (pairs * (1 - area) / (2 - area)) + (pairs * area / (1 + area))) / (A * B);
    }

    private static double ErrorOf(double[] values, double mean) =>
        Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1) / values.Length);

    private static double F1(double overlap) => 2 * overlap / (1 + overlap);
}
