using MathNet.Numerics.Distributions;
using Modeldrop.Lifecycle.Consequences;
using Modeldrop.Manifests;
using Modeldrop.Metrics;
using Modeldrop.Monitoring.Performance;

namespace Modeldrop.MonitoringBench;

/// <summary>
/// Champions judged by feedback: coverage of the intervals, false alarms of unchanged models, and the time until a change is detected.
/// </summary>
internal static class Degradation
{
    private const double Alpha = 0.05;
    private const int Windows = 28;

    public static void Run(int runs)
    {
        var coverage = new Table($"Share of 95 % intervals that contain the true value, {runs} each", "rows, true value",
            "share (accuracy, recall, …)", "area under the curve");
        foreach (int rows in (int[])[20, 100, 1_000])
        {
            foreach (double truth in (double[])[0.5, 0.9, 0.96, 0.995])
            {
                var random = new Random(rows);
                coverage.Add($"{rows}, {Text(truth)}", ShareOf(runs, _ => Covers(ShareOfRows(random, rows, truth), truth)),
                    ShareOf(runs, _ => Covers(Area(random, rows, truth), truth)));
            }
        }

        var quiet = new Table(
            $"Share of {runs} unchanged, calibrated models that are called degraded in any of {Windows} daily windows; stated: at most "
                + $"{Alpha}",
            "positives, labelled rows a day", "validated on 300 rows", "on 8,000 rows");
        foreach (double positives in (double[])[0.5, 0.03, 0.01])
        {
            foreach (int rows in (int[])[100, 1_000])
            {
                quiet.Add($"{positives:P0}, {rows}", AlarmShare(runs, positives, rows, 300), AlarmShare(runs, positives, rows, 8_000));
            }
        }

        var changed = new Table(
            $"Share of {runs} models, 1,000 labelled rows a day, validated on 8,000, whose change is seen on the first day, and within a "
                + $"week",
            "change", "half positive", "within a week", "3 % positive", "within a week");
        foreach (double flipped in (double[])[0.02, 0.05, 0.1, 0.2])
        {
            int?[] half = FirstAlarms(runs, 0.5, 1_000, 8_000, flipped);
            int?[] rare = FirstAlarms(runs, 0.03, 1_000, 8_000, flipped);
            changed.Add($"{flipped:P0} of the labels are the other class", Within(half, 1), Within(half, 7), Within(rare, 1),
                Within(rare, 7));
        }
    }

    private static double AlarmShare(int runs, double positives, int rows, int validation) =>
        Within(FirstAlarms(runs, positives, rows, validation, flipped: 0), Windows);

    private static double Within(int?[] alarms, int windows) => (double)alarms.Count(window => window < windows) / alarms.Length;

    /// <summary>For each model the first window, from 0, that is reported as degraded; null: none.</summary>
    private static int?[] FirstAlarms(int runs, double positives, int rows, int validation, double flipped)
    {
        var first = new int?[runs];
        Parallel.For(0, runs, run =>
        {
            var random = new Random((run * 7919) + rows + validation + (int)(positives * 1_000));
            Dictionary<string, MetricInterval> before = Sample(random, positives, validation, 0)
                .ToDictionary(pair => pair.Key, pair => pair.Value.Interval(0.025));
            for (int window = 0; window < Windows && first[run] is null; window++)
            {
                Dictionary<string, MetricValue> now = Sample(random, positives, rows, flipped)
                    .ToDictionary(pair => pair.Key, pair => new MetricValue(pair.Value.Value, 0, 0, pair.Value));
                first[run] = DegradationCheck.Worse(now, before, new ValidationPolicy(), Alpha / Windows).Count > 0 ? window : null;
            }
        });
        return first;
    }

    /// <summary>Labels that follow the model's probabilities, whose mean is the share of positives. Some labels are flipped.</summary>
    private static Dictionary<string, MetricEvidence> Sample(Random random, double positives, int rows, double flipped)
    {
        double[] scores = [.. Enumerable.Range(0, rows).Select(_ => Beta.Sample(random, 0.6 * positives / (1 - positives), 0.6))];
        bool[] isPositive = [.. scores.Select(score => (random.NextDouble() < score) != (random.NextDouble() < flipped))];
        int[] truth = [.. isPositive.Select(yes => yes ? 1 : 0)];
        int[] predicted = [.. scores.Select(score => score > 0.5 ? 1 : 0)];
        var sample = new MetricSample(rows);
        sample.AddShare(MetricNames.Accuracy, [.. truth.Zip(predicted, (one, answer) => one == answer)]);
        sample.AddPrecisionRecall(truth, predicted, 2, 1);
        sample.AddRocAuc([(isPositive, scores)]);
        sample.AddMean(MetricNames.Brier, [.. scores.Zip(truth, (score, one) => (score - one) * (score - one))]);
        sample.AddMean(MetricNames.LogLoss,
            [.. scores.Zip(truth, (score, one) => -Math.Log(Math.Max(1e-15, one == 1 ? score : 1 - score)))]);
        return sample.Names.Select(name => (name, sample.EvidenceOf(name))).Where(pair => pair.Item2 is not null)
            .ToDictionary(pair => pair.name, pair => pair.Item2!);
    }

    private static MetricEvidence ShareOfRows(Random random, int rows, double truth) =>
        MetricEvidence.Share(Enumerable.Range(0, rows).Count(_ => random.NextDouble() < truth), rows)!;

    /// <summary>The area of normal scores, half of them positive, whose distance gives the true area.</summary>
    private static MetricEvidence Area(Random random, int rows, double truth)
    {
        double apart = Math.Sqrt(2) * Normal.InvCDF(0, 1, truth);
        bool[] isPositive = [.. Enumerable.Range(0, rows).Select(row => row % 2 == 0)];
        double[] scores = [.. isPositive.Select(yes => Normal.Sample(random, yes ? apart : 0, 1))];
        return MetricEvidence.Area(ClassificationMetrics.RocAuc(isPositive, scores), isPositive)!;
    }

    private static bool Covers(MetricEvidence evidence, double truth)
    {
        MetricInterval interval = evidence.Interval(0.025);
        return interval.Low <= truth && truth <= interval.High;
    }

    private static double ShareOf(int runs, Func<int, bool> holds) => (double)Enumerable.Range(0, runs).Count(holds) / runs;

    private static string Text(double value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
