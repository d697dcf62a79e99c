using MathNet.Numerics.Distributions;

namespace Modeldrop.Metrics.Estimation;

/// <summary>The rows whose answers lie between two edges.</summary>
/// <param name="Cases">Classifier: rows of the positive class, or rows answered correctly.</param>
/// <param name="Errors">Regression: Σ (y − ŷ).</param>
/// <param name="Sizes">Σ |y − ŷ|.</param>
/// <param name="Squares">Σ (y − ŷ)².</param>
public sealed record AnswerStratum(long Rows, long Cases, double Errors, double Sizes, double Squares);

/// <summary>The outcomes by the version's answers. Comparing them with later windows reveals concept drift.</summary>
/// <remarks>
/// With two classes, the cases are the rows of the positive class, by its probability; with more, the rows answered correctly, by the
/// greatest probability. A regression has the errors, by the answer. The edges are deciles of the validation's answers, with at least 20
/// rows each.
/// </remarks>
/// <param name="Edges">Ascending. A stratum includes its lower edge.</param>
/// <param name="Strata">One more than edges.</param>
public sealed record AnswerStrata(IReadOnlyList<double> Edges, IReadOnlyList<AnswerStratum> Strata)
{
    private const int MaxStrata = 10;
    private const int LeastRows = 20;

    /// <summary>Minimum rows of both samples in a stratum, to compare mean errors.</summary>
    private const int LeastForAMean = 10;

    public static AnswerStrata? Of(ModelMetrics metrics) =>
        ReadFrom(metrics) is not { Answers.Length: >= LeastRows } rows ? null : Count(EdgesOf(rows.Answers), rows);

    /// <summary>Counts other rows by the same edges; null if they have nothing to count.</summary>
    public AnswerStrata? Recount(ModelMetrics metrics) => ReadFrom(metrics) is { Answers.Length: > 0 } rows ? Count(Edges, rows) : null;

    /// <summary>Classifier: whether the share of cases among rows with similar answers has changed.</summary>
    public StratifiedChange? CompareShares(AnswerStrata now) => StratifiedShares.Compare(
        Strata.Zip(now.Strata, (before, after) => new SharesOfStratum(before.Cases, before.Rows, after.Cases, after.Rows)));

    /// <summary>Regression: whether the mean of the errors, or of their sizes, among rows with similar answers has changed.</summary>
    /// <returns>Null if no stratum has ten rows of both samples.</returns>
    public ResidualChange? CompareErrors(AnswerStrata now)
    {
        (AnswerStratum Before, AnswerStratum Now)[] both = [.. Strata.Zip(now.Strata)
            .Where(pair => pair.First.Rows >= LeastForAMean && pair.Second.Rows >= LeastForAMean)];
        if (both.Length == 0)
        {
            return null;
        }

        (double byLevel, double level) = MeanChange(both, one => one.Errors);
        (double bySize, double size) = MeanChange(both, one => one.Sizes);
        double rows = both.Sum(pair => (double)pair.Now.Rows);
        double usual = both.Sum(pair => pair.Now.Rows / rows * pair.Before.Sizes / pair.Before.Rows);
        return new ResidualChange(byLevel, bySize, level, size, usual);
    }

    /// <summary>
    /// Welch's test within each stratum, combined with the weights n·m / (n + m); Student's t with one degree of freedom less than the
    /// smaller sample has rows.
    /// </summary>
    private static (double PValue, double Difference) MeanChange(
        (AnswerStratum Before, AnswerStratum Now)[] both, Func<AnswerStratum, double> sum)
    {
        double difference = 0;
        double variance = 0;
        double all = 0;
        foreach ((AnswerStratum before, AnswerStratum now) in both)
        {
            double weight = (double)before.Rows * now.Rows / (before.Rows + now.Rows);
            difference += weight * ((sum(now) / now.Rows) - (sum(before) / before.Rows));
            variance += weight * weight * (ErrorOf(before, sum(before)) + ErrorOf(now, sum(now)));
            all += weight;
        }

        double smaller = Math.Min(both.Sum(pair => pair.Before.Rows), both.Sum(pair => pair.Now.Rows));
        double t = Math.Abs(difference) / Math.Sqrt(variance);
        return (difference == 0 ? 1 : 2 * StudentT.CDF(0, 1, smaller - 1, -t), difference / all);
    }

    /// <summary>Squared standard error of the mean. Errors and their sizes have the same Σ of squares.</summary>
    private static double ErrorOf(AnswerStratum stratum, double sum) =>
        Math.Max(0, stratum.Squares - (sum * sum / stratum.Rows)) / (stratum.Rows - 1) / stratum.Rows;

    private static double[] EdgesOf(double[] answers)
    {
        double[] sorted = [.. answers];
        Array.Sort(sorted);
        int strata = Math.Clamp(sorted.Length / LeastRows, 1, MaxStrata);
        return [.. Enumerable.Range(1, strata - 1).Select(part => sorted[(int)((long)part * sorted.Length / strata)])
            .Where(edge => edge > sorted[0]).Distinct()];
    }

    private static AnswerStrata Count(IReadOnlyList<double> edges, AnsweredTruth rows)
    {
        double[] sorted = [.. edges];
        var counts = new (long Rows, long Cases, double Errors, double Sizes, double Squares)[sorted.Length + 1];
        for (int row = 0; row < rows.Answers.Length; row++)
        {
            int place = Array.BinarySearch(sorted, rows.Answers[row]);
            ref (long Rows, long Cases, double Errors, double Sizes, double Squares) one = ref counts[place >= 0 ? place + 1 : ~place];
            one.Rows++;
            one.Cases += rows.IsCase is { } cases && cases[row] ? 1 : 0;
            double error = rows.Errors is { } errors ? errors[row] : 0;
            (one.Errors, one.Sizes, one.Squares) = (one.Errors + error, one.Sizes + Math.Abs(error), one.Squares + (error * error));
        }

        return new AnswerStrata(edges, [.. counts.Select(one => new AnswerStratum(
            one.Rows, one.Cases, one.Errors, one.Sizes, one.Squares))]);
    }

    private static AnsweredTruth? ReadFrom(ModelMetrics metrics)
    {
        if (metrics.Regressed is { } regressed)
        {
            double[] errors = [.. regressed.Truth.Zip(regressed.Predicted, (truth, answer) => truth - answer)];
            return Array.Exists(errors, double.IsNaN) ? null : new AnsweredTruth(regressed.Predicted, null, errors);
        }

        if (metrics.Classified is not { Truth: { } classes } rows || Array.Exists(rows.Probabilities, double.IsNaN))
        {
            return null;
        }

        int width = rows.Width;
        return rows.Positive is { } positive
            ? new AnsweredTruth(
                [.. Enumerable.Range(0, rows.Rows).Select(row => rows.Probabilities[(row * width) + positive])],
                [.. classes.Select(index => index == positive)], null)
            : new AnsweredTruth(
                [.. rows.Probabilities.Chunk(width).Select(row => row.Max())],
                [.. classes.Zip(rows.Predicted, (truth, answer) => truth == answer)], null);
    }

    private sealed record AnsweredTruth(double[] Answers, bool[]? IsCase, double[]? Errors);
}

/// <summary>The change of a regression's errors among rows with similar answers.</summary>
/// <param name="Level">P-value of a change of the mean error.</param>
/// <param name="Size">P-value of a change of the mean size of the errors.</param>
/// <param name="LevelDifference">Current mean error minus the previous one, in the label's unit.</param>
/// <param name="SizeDifference">Current mean size minus the previous one.</param>
/// <param name="UsualSize">The previous mean size, weighted by the current rows.</param>
public sealed record ResidualChange(double Level, double Size, double LevelDifference, double SizeDifference, double UsualSize)
{
    /// <summary>Twice the smaller p-value, because two hypotheses are tested.</summary>
    public double PValue => Math.Min(1, 2 * Math.Min(Level, Size));

    /// <summary>The change that has the smaller p-value, as a share of the usual size.</summary>
    public double Effect => Math.Abs(Level <= Size ? LevelDifference : SizeDifference) / UsualSize;
}
