namespace Modeldrop.Metrics;

/// <summary>Metrics of a regression, as scikit-learn's <c>sklearn.metrics</c> defines them. Null: undefined for the data.</summary>
public static class RegressionMetrics
{
    /// <summary><b>MAE</b>: mean of |y − ŷ|, in the label's unit. From 0, lower is better. <c>mean_absolute_error</c>.</summary>
    public static double? MeanAbsoluteError(ReadOnlySpan<double> truth, ReadOnlySpan<double> predicted)
    {
        double sum = 0;
        for (int row = 0; row < truth.Length; row++)
        {
            sum += Math.Abs(truth[row] - predicted[row]);
        }

        return Mean(sum, truth.Length);
    }

    /// <summary>
    /// <b>RMSE</b>: √ of the mean of (y − ŷ)², in the label's unit. From 0, lower is better. <c>mean_squared_error(squared=False)</c>.
    /// </summary>
    public static double? RootMeanSquaredError(ReadOnlySpan<double> truth, ReadOnlySpan<double> predicted) =>
        Mean(SquaredErrors(truth, predicted), truth.Length) is { } mean ? Math.Sqrt(mean) : null;

    /// <summary>
    /// <b>R²</b>: 1 − Σ(y − ŷ)² / Σ(y − ȳ)². At most 1, higher is better; predicting the mean gives 0. For a constant label: 1 when every
    /// prediction is exact, otherwise 0. <c>r2_score</c>.
    /// </summary>
    /// <returns>Null for fewer than two rows.</returns>
    public static double? RSquared(ReadOnlySpan<double> truth, ReadOnlySpan<double> predicted)
    {
        double mean = 0;
        foreach (double value in truth)
        {
            mean += value;
        }

        mean /= truth.Length;
        double total = 0;
        foreach (double value in truth)
        {
            total += (value - mean) * (value - mean);
        }

        double errors = SquaredErrors(truth, predicted);
        double score = total == 0 ? (errors == 0 ? 1 : 0) : 1 - (errors / total);
        return truth.Length < 2 || double.IsNaN(errors) || double.IsNaN(score) ? null : score;
    }

    private static double SquaredErrors(ReadOnlySpan<double> truth, ReadOnlySpan<double> predicted)
    {
        double sum = 0;
        for (int row = 0; row < truth.Length; row++)
        {
            double error = truth[row] - predicted[row];
            sum += error * error;
        }

        return sum;
    }

    private static double? Mean(double sum, int rows) => rows == 0 || double.IsNaN(sum) ? null : sum / rows;
}
