using MathNet.Numerics.Distributions;
using MathNet.Numerics.LinearAlgebra;

namespace Modeldrop.Metrics.Estimation;

/// <summary>The probabilities of the rows of one class: means and covariances, by class in the order of the output.</summary>
/// <param name="Covariances">Row-major, with the divisor rows − 1.</param>
public sealed record ClassMoments(long Rows, IReadOnlyList<double> Means, IReadOnlyList<double> Covariances);

/// <summary>The share of a class that the answers indicate, with its 95 % bounds.</summary>
/// <param name="Before">Its share of the validation's labels.</param>
/// <param name="PValue">The chance that mean probabilities are this far from the validation's without a change.</param>
public sealed record ShiftedClass(string Class, double Share, double Low, double High, double Before, double PValue);

/// <summary>
/// Estimates how often each class occurs in rows without labels, if only the mix of the classes has changed (label shift).
/// </summary>
/// <remarks>
/// Probabilistic adjusted count: the mean probabilities of the rows are a mixture of those of each class at validation, M·q = μ, so that q
/// = M⁻¹·μ. Sources: Bella, Ferri, Hernández-Orallo and Ramírez-Quintana, Quantification via probability estimators (2010); Lipton, Wang
/// and Smola, Detecting and correcting for label shift with black box predictors (2018). The error of q by the delta method: M⁻¹ (S/n + Σ
/// q²·S_k/n_k) M⁻ᵀ; that of the change from the validation's shares M⁻¹ (S/n + S_v/n_v) M⁻ᵀ, as M times those shares is the validation's
/// mean. Bounds by Student's t with one degree of freedom less than the rarest class has rows. Shares are clipped to 0 … 1. Probabilities
/// need not be calibrated. A change of the inputs within a class (covariate shift) is mistaken for a change of the mix. Requires at least
/// ten validation rows of each class.
/// </remarks>
public static class LabelShift
{
    /// <summary>More classes would need too much memory, and too many rows.</summary>
    public const int MaxClasses = 10;

    private const int LeastRows = 10;

    private const double Tail = 0.025;

    /// <returns>Null when the truth of the rows is unknown, or there are more than <see cref="MaxClasses"/> classes.</returns>
    public static IReadOnlyList<ClassMoments>? MomentsOf(ClassifiedRows rows)
    {
        if (rows.Truth is not { } truth || rows.Width > MaxClasses || Array.Exists(rows.Probabilities, double.IsNaN))
        {
            return null;
        }

        return [.. Enumerable.Range(0, rows.Width).Select(index => Moments(
            rows, [.. Enumerable.Range(0, rows.Rows).Where(row => truth[row] == index)]))];
    }

    /// <returns>One per class; null and the reason when the validation data do not permit an estimate.</returns>
    public static (IReadOnlyList<ShiftedClass>? Classes, string? Reason) Estimate(
        IReadOnlyList<ClassMoments> validation, ClassifiedRows rows)
    {
        int width = validation.Count;
        if (width != rows.Width || rows.Rows < 2 || Array.Exists(rows.Probabilities, double.IsNaN))
        {
            return (null, "a probability is NaN, or there are other classes than at validation");
        }

        if (validation.Any(one => one.Rows < LeastRows))
        {
            return (null, $"a class has fewer than {LeastRows} rows in the validation data");
        }

        ClassMoments now = Moments(rows, [.. Enumerable.Range(0, rows.Rows)]);
        Matrix<double> mixture = Matrix<double>.Build.Dense(width, width, (row, column) => validation[column].Means[row]);
        double determinant = mixture.Determinant();
        if (!double.IsFinite(determinant) || Math.Abs(determinant) < 1e-9)
        {
            return (null, "the probabilities do not distinguish the classes");
        }

        Matrix<double> inverse = mixture.Inverse();
        Vector<double> shares = inverse * Vector<double>.Build.Dense([.. now.Means]);
        Matrix<double> ofNow = CovarianceOf(now) / now.Rows;
        Matrix<double> ofClasses = ofNow;
        foreach ((int index, ClassMoments one) in validation.Index())
        {
            ofClasses += shares[index] * shares[index] / one.Rows * CovarianceOf(one);
        }

        double all = validation.Sum(one => (double)one.Rows);
        Matrix<double> error = inverse * ofClasses * inverse.Transpose();
        Matrix<double> ofChange = inverse * (ofNow + (TotalOf(validation, all) / all)) * inverse.Transpose();
        double degrees = validation.Min(one => one.Rows) - 1;
        double t = StudentT.InvCDF(0, 1, degrees, 1 - Tail);
        return ([.. Enumerable.Range(0, width).Select(index =>
        {
            double half = t * Math.Sqrt(Math.Max(0, error[index, index]));
            double before = validation[index].Rows / all;
            double distance = Math.Abs(shares[index] - before) / Math.Sqrt(ofChange[index, index]);
            return new ShiftedClass(rows.Classes[index], Cut(shares[index]), Cut(shares[index] - half), Cut(shares[index] + half), before,
                double.IsNaN(distance) ? 1 : 2 * StudentT.CDF(0, 1, degrees, -distance));
        })], null);
    }

    private static double Cut(double share) => Math.Clamp(share, 0, 1);

    private static Matrix<double> CovarianceOf(ClassMoments moments) =>
        Matrix<double>.Build.DenseOfRowMajor(moments.Means.Count, moments.Means.Count, moments.Covariances);

    /// <summary>Covariance of all validation rows.</summary>
    private static Matrix<double> TotalOf(IReadOnlyList<ClassMoments> validation, double all)
    {
        int width = validation.Count;
        Vector<double> mean = Vector<double>.Build.Dense(width, row => validation.Sum(one => one.Rows / all * one.Means[row]));
        Matrix<double> sum = Matrix<double>.Build.Dense(width, width);
        foreach (ClassMoments one in validation)
        {
            Vector<double> apart = Vector<double>.Build.Dense([.. one.Means]) - mean;
            sum += (CovarianceOf(one) * (one.Rows - 1)) + (apart.OuterProduct(apart) * one.Rows);
        }

        return sum / (all - 1);
    }

    private static ClassMoments Moments(ClassifiedRows rows, int[] some)
    {
        int width = rows.Width;
        double[] means = new double[width];
        double[] covariances = new double[width * width];
        foreach (int row in some)
        {
            for (int index = 0; index < width; index++)
            {
                means[index] += rows.Probabilities[(row * width) + index] / some.Length;
            }
        }

        foreach (int row in some.Length < 2 ? [] : some)
        {
            for (int left = 0; left < width; left++)
            {
                for (int right = 0; right < width; right++)
                {
                    covariances[(left * width) + right] += (rows.Probabilities[(row * width) + left] - means[left])
                        * (rows.Probabilities[(row * width) + right] - means[right]) / (some.Length - 1);
                }
            }
        }

        return new ClassMoments(some.Length, means, covariances);
    }
}
