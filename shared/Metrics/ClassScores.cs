using Modeldrop.Manifests;
using Modeldrop.Tensors;

namespace Modeldrop.Metrics;

/// <summary>Reads the scores of a classifier as probabilities, and checks whether they are.</summary>
internal static class ClassScores
{
    /// <summary>
    /// Row-major <c>[rows, classes]</c>. One positive probability p per row becomes the two columns 1 − p and p. Logits are converted to
    /// probabilities.
    /// </summary>
    /// <param name="rows">Rows of the output to read.</param>
    public static double[] Read(PredictionRule rule, Tensor output, int width, ReadOnlySpan<int> rows)
    {
        double[] scores = new double[rows.Length * width];
        bool isLogits = rule.Scores == ScoreKind.Logits;
        for (int index = 0; index < rows.Length; index++)
        {
            Span<double> row = scores.AsSpan(index * width, width);
            if (rule.Kind == PredictionKind.PositiveProbability)
            {
                double score = TensorValues.Number(output, rows[index] * (int)(output.Count / output.Shape[0]));
                row[1] = isLogits ? Logistic(score) : score;
                row[0] = 1 - row[1];
                continue;
            }

            for (int column = 0; column < width; column++)
            {
                row[column] = TensorValues.Number(output, (rows[index] * width) + column);
            }

            if (isLogits)
            {
                ToProbabilities(rule.Task, row);
            }
        }

        return scores;
    }

    /// <summary>
    /// Whether a row holds probabilities: within 0 … 1 and, where classes are mutually exclusive, with a sum of 1. NaN is reported
    /// elsewhere.
    /// </summary>
    /// <param name="tolerance">From <see cref="Tolerance"/>.</param>
    public static bool IsProbabilities(ReadOnlySpan<double> row, ModelTask task, double tolerance)
    {
        double sum = 0;
        foreach (double score in row)
        {
            if (score < -tolerance || score > 1 + tolerance)
            {
                return false;
            }

            sum += score;
        }

        return task == ModelTask.Multilabel || !(Math.Abs(sum - 1) > tolerance);
    }

    /// <summary>
    /// The square root of the type's precision, as in scikit-learn's <c>log_loss</c>. Doubles use that of floats, since many were computed
    /// as floats.
    /// </summary>
    public static double Tolerance(Datatype datatype) => datatype switch
    {
        Datatype.Fp16 => 0.03125,
        Datatype.Bf16 => 0.0884,
        _ => 3.46e-4,
    };

    /// <summary>The index of the greatest score; of equal scores, the first.</summary>
    public static int Best(ReadOnlySpan<double> row)
    {
        int best = 0;
        for (int column = 1; column < row.Length; column++)
        {
            best = row[column] > row[best] ? column : best;
        }

        return best;
    }

    private static void ToProbabilities(ModelTask task, Span<double> row)
    {
        double greatest = row[Best(row)];
        double sum = 0;
        for (int column = 0; column < row.Length; column++)
        {
            row[column] = task == ModelTask.Multilabel ? Logistic(row[column]) : Math.Exp(row[column] - greatest);
            sum += row[column];
        }

        for (int column = 0; column < row.Length && task != ModelTask.Multilabel; column++)
        {
            row[column] /= sum;
        }
    }

    private static double Logistic(double score) => 1 / (1 + Math.Exp(-score));
}
