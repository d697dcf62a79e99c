namespace Modeldrop.Metrics;

/// <summary>The number of rows by true class and answer.</summary>
/// <param name="Classes">The model's classes, then labels and answers that are not classes.</param>
/// <param name="Counts">By true class, then by answer.</param>
public sealed record ConfusionMatrix(IReadOnlyList<string> Classes, IReadOnlyList<IReadOnlyList<int>> Counts);

/// <summary>A point of a curve; both 0 to 1.</summary>
public sealed record CurvePoint(double X, double Y);

/// <summary>How well the probability of one class ranks the rows.</summary>
/// <param name="Roc">X: the share of the other rows with at least this score; Y: that of the class's rows. From (0, 0) to (1, 1).</param>
/// <param name="PrecisionRecall">Recall and precision at each threshold, strictest first.</param>
/// <param name="Area">Area under the ROC curve.</param>
/// <param name="AveragePrecision">
/// Σ (recall − previous recall) · precision over all thresholds; for a random ranking, the share of the class.
/// </param>
/// <param name="Share">Share of the rows that are of the class.</param>
public sealed record RankingCurves(
    string Class,
    IReadOnlyList<CurvePoint> Roc,
    IReadOnlyList<CurvePoint> PrecisionRecall,
    double Area,
    double AveragePrecision,
    double Share);

/// <summary>Rows whose probability lies in one tenth of 0 to 1: the predicted probability and the observed share.</summary>
/// <param name="Mean">Mean predicted probability.</param>
/// <param name="Share">Share of the rows that are of the class, with its exact 95 % bounds.</param>
public sealed record ReliabilityBin(double Mean, double Share, double Low, double High, int Rows);

/// <summary>The data of a classifier's plots, from labelled rows.</summary>
/// <remarks>
/// As scikit-learn's <c>confusion_matrix</c>, <c>roc_curve</c>, <c>precision_recall_curve</c>, <c>average_precision_score</c> and
/// <c>calibration_curve(n_bins=10)</c>. A curve with more than 100 thresholds is drawn through about 100 of them; the areas use all.
/// </remarks>
/// <param name="Confusion">Null: there are more than 20 classes, or the answers are unknown.</param>
/// <param name="Curves">
/// For two classes the positive one's, otherwise one for each of at most six classes; empty without probabilities.
/// </param>
/// <param name="Reliability">
/// For two classes the positive one's, otherwise that of the predicted class; empty without probabilities.
/// </param>
public sealed record ClassifierFigures(
    ConfusionMatrix? Confusion, IReadOnlyList<RankingCurves> Curves, IReadOnlyList<ReliabilityBin> Reliability)
{
    /// <summary>With more classes there is no confusion matrix.</summary>
    public const int MaxClasses = 20;

    private const int MaxCurves = 6;
    private const int MaxPoints = 100;
    private const int Bins = 10;
    private const double Tail = 0.025;

    internal static ClassifierFigures? Of(ConfusionMatrix? confusion, ClassifiedRows? rows)
    {
        bool hasScores = rows is { Truth: not null } && !Array.Exists(rows.Probabilities, double.IsNaN);
        return confusion is null && !hasScores ? null
            : new ClassifierFigures(confusion, hasScores ? CurvesOf(rows!) : [], hasScores ? ReliabilityOf(rows!) : []);
    }

    internal static ConfusionMatrix Count(int[] truth, int[] predicted, IReadOnlyList<string> classes)
    {
        int[][] counts = [.. classes.Select(_ => new int[classes.Count])];
        for (int row = 0; row < truth.Length; row++)
        {
            counts[truth[row]][predicted[row]]++;
        }

        return new ConfusionMatrix(classes, counts);
    }

    private static RankingCurves[] CurvesOf(ClassifiedRows rows)
    {
        int[] classes = rows.Positive is { } positive ? [positive] : rows.Width <= MaxCurves ? [.. Enumerable.Range(0, rows.Width)] : [];
        return [.. classes.Select(index => Curve(
            rows.Classes[index], [.. rows.Truth!.Select(truth => truth == index)],
            [.. Enumerable.Range(0, rows.Rows).Select(row => rows.Probabilities[(row * rows.Width) + index])])).OfType<RankingCurves>()];
    }

    /// <returns>Null when all rows are of the class, or none is.</returns>
    internal static RankingCurves? Curve(string name, bool[] isOfClass, double[] scores)
    {
        double positives = isOfClass.Count(one => one);
        double negatives = isOfClass.Length - positives;
        if (positives == 0 || negatives == 0)
        {
            return null;
        }

        double[] sorted = [.. scores];
        bool[] hits = [.. isOfClass];
        Array.Sort(sorted, hits);
        List<CurvePoint> roc = [new CurvePoint(0, 0)];
        List<CurvePoint> precision = [];
        (double right, double wrong, double average) = (0, 0, 0);
        for (int end = sorted.Length, start; end > 0; end = start)
        {
            double before = right;
            for (start = end; start > 0 && sorted[start - 1] == sorted[end - 1]; start--)
            {
                (right, wrong) = hits[start - 1] ? (right + 1, wrong) : (right, wrong + 1);
            }

            roc.Add(new CurvePoint(wrong / negatives, right / positives));
            precision.Add(new CurvePoint(right / positives, right / (right + wrong)));
            average += (right - before) / positives * (right / (right + wrong));
        }

        double area = roc.Zip(roc.Skip(1), (one, next) => (next.X - one.X) * (one.Y + next.Y) / 2).Sum();
        return new RankingCurves(name, Thin(roc), Thin(precision), area, average, positives / isOfClass.Length);
    }

    private static ReliabilityBin[] ReliabilityOf(ClassifiedRows rows)
    {
        (double Sum, int Hits, int Rows)[] bins = new (double, int, int)[Bins];
        for (int row = 0; row < rows.Rows; row++)
        {
            int index = rows.Positive ?? rows.Predicted[row];
            if (index < 0)
            {
                continue;
            }

            double score = rows.Probabilities[(row * rows.Width) + index];
            ref (double Sum, int Hits, int Rows) bin = ref bins[Math.Clamp((int)(score * Bins), 0, Bins - 1)];
            bin = (bin.Sum + score, bin.Hits + (rows.Truth![row] == index ? 1 : 0), bin.Rows + 1);
        }

        return [.. bins.Where(bin => bin.Rows > 0).Select(bin => new ReliabilityBin(bin.Sum / bin.Rows, (double)bin.Hits / bin.Rows,
            ClopperPearson.Lower(bin.Hits, bin.Rows, Tail), ClopperPearson.Upper(bin.Hits, bin.Rows, Tail), bin.Rows))];
    }

    /// <summary>Keeps points at about even distances along the curve, including the first and the last.</summary>
    private static List<CurvePoint> Thin(List<CurvePoint> points)
    {
        if (points.Count <= MaxPoints + 1)
        {
            return points;
        }

        double length = points.Zip(points.Skip(1), Distance).Sum();
        List<CurvePoint> kept = [points[0]];
        double since = 0;
        for (int index = 1; index < points.Count; index++)
        {
            since += Distance(points[index - 1], points[index]);
            if (since >= length / MaxPoints || index == points.Count - 1)
            {
                kept.Add(points[index]);
                since = 0;
            }
        }

        return kept;
    }

    private static double Distance(CurvePoint one, CurvePoint other) => Math.Abs(one.X - other.X) + Math.Abs(one.Y - other.Y);
}
