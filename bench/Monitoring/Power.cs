using System.Globalization;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Monitoring.Statistics;
using Modeldrop.Tensors;

namespace Modeldrop.MonitoringBench;

/// <summary>
/// The share of shifted windows that are detected: our test compared with the usual ones, each at the threshold with alarms in 5 % of
/// unchanged windows and at its usual threshold.
/// </summary>
internal static class Power
{
    private const double Alpha = 0.05;
    private const int ReferenceRows = 10_000;

    // Each statistic with the usual threshold for an alarm; p-values are inverted.
    private static readonly (string Name, double Habit)[] Methods = [
        ("ours", -Alpha), ("KS", -Alpha), ("PSI", 0.2), ("Wasserstein / σ", 0.1), ("Jensen-Shannon", 0.1)];

    public static void Run(int checks)
    {
        var table = new Table(
            $"Share of windows of a shifted normal column that are seen, {checks:N0} each, reference {ReferenceRows:N0} rows: at 5 % "
                + $"false alarms (in brackets: at the habitual threshold; its false alarms in the first line of each size)",
            ["rows, shift", .. Methods.Select(method => method.Name)]);
        foreach (int rows in (int[])[200, 1000, 5000])
        {
            double[][] quiet = Simulate(rows, 0, checks);
            double[] thresholds = [.. quiet.Select(values => values.Order().ElementAt((int)((1 - Alpha) * values.Length)))];
            table.Add([$"{rows:N0}, none", .. quiet.Select((values, method) => (object)Text(Alpha, Above(values, Methods[method].Habit)))]);
            foreach (double shift in (double[])[0.1, 0.25, 0.5])
            {
                double[][] moved = Simulate(rows, shift, checks);
                table.Add(
                    [
                        string.Create(CultureInfo.InvariantCulture, $"{rows:N0}, {shift} σ"),
                        .. moved.Select(
                            (values, method) => (object)Text(Above(values, thresholds[method]), Above(values, Methods[method].Habit)))
                    ]);
            }
        }
    }

    private static string Text(double calibrated, double habit) =>
        string.Create(CultureInfo.InvariantCulture, $"{calibrated:0.000} ({habit:0.000})");

    private static double Above(double[] values, double threshold) => (double)values.Count(value => value > threshold) / values.Length;

    private static double[][] Simulate(int rows, double shift, int checks)
    {
        double[][] values = [.. Methods.Select(_ => new double[checks])];
        Parallel.For(0, checks, check =>
        {
            var random = new Random((check * 100_003) + rows + (int)(shift * 100));
            double[] sample = [.. Enumerable.Range(0, ReferenceRows).Select(_ => Stream.Gauss(random))];
            double[] window = [.. Enumerable.Range(0, rows).Select(_ => Stream.Gauss(random) + shift)];
            Tensor tensor = Stream.Normal.ToTensor("x", sample);
            ReferenceFeature feature = ReferenceProfiler.Build([tensor], []).Features[0];
            long[] before = feature.Counts.Bins;
            long[] now = Stream.Count(feature, Stream.Normal.ToTensor("x", window)).Bins;
            Array.Sort(sample);
            Array.Sort(window);
            (double smirnov, double transport) = OfValues(sample, window);
            values[0][check] = -OrderedChiSquared.Test(before, now).PValue;
            values[1][check] = -KolmogorovSmirnov.PValue(smirnov, ReferenceRows, rows);
            values[2][check] = PopulationStabilityIndex.Of(before, now);
            values[3][check] = transport / feature.DeviationOf(feature.Counts)!.Value;
            values[4][check] = JensenShannon.Distance(before, now);
        });
        return values;
    }

    /// <summary>Computed on the raw values, as in common tools.</summary>
    private static (double Smirnov, double Transport) OfValues(double[] left, double[] right)
    {
        double smirnov = 0;
        double transport = 0;
        double last = Math.Min(left[0], right[0]);
        for (int i = 0, j = 0; i < left.Length || j < right.Length;)
        {
            double next = j == right.Length || (i < left.Length && left[i] <= right[j]) ? left[i] : right[j];
            double apart = Math.Abs(((double)i / left.Length) - ((double)j / right.Length));
            transport += apart * (next - last);
            last = next;
            while (i < left.Length && left[i] == next)
            {
                i++;
            }

            while (j < right.Length && right[j] == next)
            {
                j++;
            }

            smirnov = Math.Max(smirnov, Math.Abs(((double)i / left.Length) - ((double)j / right.Length)));
        }

        return (smirnov, transport);
    }
}
