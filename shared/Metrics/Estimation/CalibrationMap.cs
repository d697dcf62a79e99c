using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using Modeldrop.Storage;

namespace Modeldrop.Metrics.Estimation;

/// <summary>A non-decreasing function from scores to probabilities.</summary>
/// <param name="Scores">Ascending.</param>
/// <param name="Values">Observed share of true rows at each score, 0 to 1.</param>
public sealed record CalibrationCurve(double[] Scores, double[] Values)
{
    /// <summary>Interpolates linearly between known scores; outside, the nearest known value.</summary>
    public double At(double score)
    {
        int above = Array.BinarySearch(Scores, score);
        if (above >= 0)
        {
            return Values[above];
        }

        above = ~above;
        if (above == 0 || above == Scores.Length)
        {
            return Values[Math.Clamp(above, 0, Scores.Length - 1)];
        }

        double width = (score - Scores[above - 1]) / (Scores[above] - Scores[above - 1]);
        return Values[above - 1] + (width * (Values[above] - Values[above - 1]));
    }
}

/// <summary>Converts the probabilities of a version to observed frequencies. Fitted on its validation data and sealed with it.</summary>
/// <remarks>
/// Source: Zadrozny and Elkan, Transforming classifier scores into accurate multiclass probability estimates (2002): isotonic regression by
/// pooling adjacent violators (Ayer et al. 1955), as scikit-learn's <c>IsotonicRegression(out_of_bounds="clip")</c>; with more than two
/// classes, one curve per class against the rest, whose values are divided by their sum. The fits of resampled rows show the uncertainty of
/// the curve.
/// </remarks>
public sealed record CalibrationMap
{
    /// <summary>Name of the version's document.</summary>
    public const string FileName = "calibration.json";

    private const int Refits = 20;
    private const int LeastRows = 100;

    public int Format { get; init; } = 1;

    public required int Rows { get; init; }

    /// <summary>In the order of the probabilities.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>One per class; with two classes, only the second's.</summary>
    public required IReadOnlyList<CalibrationCurve> Curves { get; init; }

    /// <summary>The curves fitted on rows drawn with replacement.</summary>
    public required IReadOnlyList<IReadOnlyList<CalibrationCurve>> Resampled { get; init; }

    /// <returns>Null when there are too few rows, only one class, or a probability is NaN.</returns>
    public static CalibrationMap? Fit(ClassifiedRows rows, string seed)
    {
        if (rows.Truth is not { } truth
                || rows.Rows < LeastRows
                || truth.Distinct().Count() < 2
                || Array.Exists(rows.Probabilities, double.IsNaN))
        {
            return null;
        }

        var random = new Random(unchecked((int)XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(seed))));
        int[] all = [.. Enumerable.Range(0, rows.Rows)];
        return new CalibrationMap
        {
            Rows = rows.Rows,
            Classes = rows.Classes,
            Curves = CurvesOf(rows, truth, all),
            Resampled = [.. Enumerable.Range(0, Refits).Select(_ => CurvesOf(rows, truth, [.. all.Select(_ => random.Next(rows.Rows))]))],
        };
    }

    public byte[] ToDocument() => JsonSerializer.SerializeToUtf8Bytes(this, StoredJson.Options);

    public static CalibrationMap Parse(byte[] document) =>
        JsonSerializer.Deserialize<CalibrationMap>(
            document, StoredJson.Options) ?? throw new InvalidDataException($"'{FileName}' is empty.");

    /// <summary>The calibrated probabilities; row-major, each row sums to 1.</summary>
    /// <param name="curves">Curves of this map.</param>
    public static double[] Apply(IReadOnlyList<CalibrationCurve> curves, ReadOnlySpan<double> probabilities, int width)
    {
        double[] calibrated = new double[probabilities.Length];
        for (int start = 0; start < calibrated.Length; start += width)
        {
            if (width == 2)
            {
                double positive = curves[0].At(probabilities[start + 1]);
                (calibrated[start], calibrated[start + 1]) = (1 - positive, positive);
                continue;
            }

            double sum = 0;
            for (int index = 0; index < width; index++)
            {
                sum += calibrated[start + index] = curves[index].At(probabilities[start + index]);
            }

            for (int index = 0; index < width; index++)
            {
                calibrated[start + index] = sum == 0 ? 1.0 / width : calibrated[start + index] / sum;
            }
        }

        return calibrated;
    }

    /// <summary>Share of rows with a score unlike those of the validation data.</summary>
    public double OutsideShare(ReadOnlySpan<double> probabilities, int width)
    {
        int outside = 0;
        for (int start = 0; start < probabilities.Length; start += width)
        {
            bool isOutside = false;
            for (int curve = 0; curve < Curves.Count; curve++)
            {
                double score = probabilities[start + (width == 2 ? 1 : curve)];
                isOutside |= score < Curves[curve].Scores[0] || score > Curves[curve].Scores[^1];
            }

            outside += isOutside ? 1 : 0;
        }

        return probabilities.Length == 0 ? 0 : outside / ((double)probabilities.Length / width);
    }

    private static CalibrationCurve[] CurvesOf(ClassifiedRows rows, int[] truth, int[] drawn) =>
        [.. Enumerable.Range(0, rows.Width).Where(index => rows.Width > 2 || index == 1).Select(index => Isotonic(
            [.. drawn.Select(row => rows.Probabilities[(row * rows.Width) + index])],
            [.. drawn.Select(row => truth[row] == index)]))];

    /// <summary>Pools adjacent violators and equal scores. The curve is flat within a pool, so only its ends are kept.</summary>
    internal static CalibrationCurve Isotonic(double[] scores, bool[] isTrue)
    {
        double[] sorted = [.. scores];
        bool[] hits = [.. isTrue];
        Array.Sort(sorted, hits);
        List<(double From, double To, double Hits, double Rows)> pools = [];
        for (int start = 0, end; start < sorted.Length; start = end)
        {
            double hit = 0;
            for (end = start; end < sorted.Length && sorted[end] == sorted[start]; end++)
            {
                hit += hits[end] ? 1 : 0;
            }

            pools.Add((sorted[start], sorted[start], hit, end - start));
            while (pools.Count > 1 && pools[^2].Hits * pools[^1].Rows >= pools[^1].Hits * pools[^2].Rows)
            {
                pools[^2] = (pools[^2].From, pools[^1].To, pools[^2].Hits + pools[^1].Hits, pools[^2].Rows + pools[^1].Rows);
                pools.RemoveAt(pools.Count - 1);
            }
        }

        List<double> at = [];
        List<double> values = [];
        foreach ((double from, double to, double hit, double rows) in pools)
        {
            at.Add(from);
            values.Add(hit / rows);
            if (to > from)
            {
                at.Add(to);
                values.Add(hit / rows);
            }
        }

        return new CalibrationCurve([.. at], [.. values]);
    }
}
