using MathNet.Numerics.Distributions;

namespace Modeldrop.Metrics.Estimation;

/// <summary>The expected losses of the rows of a window, by tree.</summary>
internal sealed class LossSums(int fits)
{
    private const double Tail = 0.025;

    private readonly (double Size, double Square)[] _all = new (double, double)[fits];
    private readonly (double Size, double Square)[] _labelled = new (double, double)[fits];

    public long Rows { get; private set; }

    public long Labelled { get; private set; }

    /// <summary>Rows whose answer is outside the range of the validation.</summary>
    public long Outside { get; private set; }

    public void Add(bool isLabelled, bool isOutside)
    {
        Rows++;
        Labelled += isLabelled ? 1 : 0;
        Outside += isOutside ? 1 : 0;
    }

    public void Add(int fit, LossNode leaf, bool isLabelled)
    {
        _all[fit] = (_all[fit].Size + leaf.Size, _all[fit].Square + leaf.Square);
        if (isLabelled)
        {
            _labelled[fit] = (_labelled[fit].Size + leaf.Size, _labelled[fit].Square + leaf.Square);
        }
    }

    /// <summary>Expected MAE and RMSE, with 95 % bounds from the spread of the trees and the random variation of the rows.</summary>
    public (Dictionary<string, double> Values, Dictionary<string, MetricInterval> Bands) Estimate(LossModel model)
    {
        double z = Normal.InvCDF(0, 1, 1 - Tail);
        (double size, double sizeError) = MeanOf([.. _all.Select(one => one.Size / Rows)], model.SizeDeviation, Rows);
        (double square, double squareError) = MeanOf([.. _all.Select(one => one.Square / Rows)], model.SquareDeviation, Rows);
        return (
            new Dictionary<string, double> { [MetricNames.Mae] = size, [MetricNames.Rmse] = Math.Sqrt(square) },
            new Dictionary<string, MetricInterval>
            {
                [MetricNames.Mae] = new(Math.Max(0, size - (z * sizeError)), size + (z * sizeError)),
                [MetricNames.Rmse] = new(Math.Sqrt(Math.Max(0, square - (z * squareError))), Math.Sqrt(square + (z * squareError))),
            });
    }

    /// <summary>
    /// Returns the expected error of the labelled rows, and the chance of a mean error as far from it as the observed one.
    /// </summary>
    public (double Expected, double PValue) Judge(LossModel model, double meanError)
    {
        (double expected, double error) = MeanOf([.. _labelled.Select(one => one.Size / Labelled)], model.SizeDeviation, Labelled);
        return (expected, 2 * Normal.CDF(0, 1, -Math.Abs(meanError - expected) / error));
    }

    private static (double Mean, double Error) MeanOf(double[] byFit, double deviation, long rows)
    {
        double mean = byFit.Average();
        double spread = byFit.Sum(one => (one - mean) * (one - mean)) / (byFit.Length - 1);
        return (mean, Math.Sqrt(spread + (deviation * deviation / rows)));
    }
}
