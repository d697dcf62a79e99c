using MathNet.Numerics.Distributions;
using Modeldrop.Metrics;
using Modeldrop.Metrics.Estimation;
using Modeldrop.Monitoring;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Performance;
using Modeldrop.Names;

namespace Modeldrop.MonitoringBench;

/// <summary>Named kinds of drift, withdrawn estimates, and gaps between groups: false alarms, delay and coverage.</summary>
internal static class DriftKinds
{
    private const double Alpha = 0.05;
    private const int Windows = 28;
    private const int Rows = 1_000;

    private static readonly MonitoringOptions Options = new() { Significance = Alpha };

    private enum World
    {
        Unchanged,

        /// <summary>Twice as many positives; each class keeps its scores.</summary>
        OtherMix,

        /// <summary>A tenth of the labels are flipped.</summary>
        Flipped,
    }

    public static void Run(int runs)
    {
        var quiet = new Table(
            $"Share of {runs} unchanged, calibrated models of which a kind is named in any of {Windows} daily windows of {Rows:N0} "
            + $"labelled rows; stated: at most {Alpha} for the three together",
            "positives, validation rows", "target drift", "label shift", "concept drift", "any", "estimate ever withdrawn",
            "share of windows");
        foreach (double positives in (double[])[0.5, 0.03, 0.01])
        {
            foreach (int validation in (int[])[150, 2_000, 8_000])
            {
                Found[] found = Simulate(runs, positives, validation, World.Unchanged, Windows);
                quiet.Add(
                    $"{positives:P0}, {validation}",
                    ShareOf(found, one => one.Target),
                    ShareOf(found, one => one.Shift),
                    ShareOf(found, one => one.Concept),
                    ShareOf(found, one => one.Target | one.Shift | one.Concept),
                    ShareOf(found, one => one.Withdrawn > 0),
                    found.Average(one => (double)one.Withdrawn / Windows));
            }
        }

        var changed = new Table(
            $"Share of {runs} models, validated on 8,000 rows, whose change is named on the first day of {Rows:N0} labelled rows",
            "change, positives", "target drift", "label shift", "concept drift", "estimate withdrawn");
        foreach ((World world, string name) in ((World, string)[])
            [(World.OtherMix, "twice as many positives"), (World.Flipped, "a tenth of the labels flipped")])
        {
            foreach (double positives in (double[])[0.3, 0.03, 0.01])
            {
                Found[] found = Simulate(runs, positives, 8_000, world, 1);
                changed.Add(
                    $"{name}, {positives:P0}",
                    ShareOf(found, one => one.Target),
                    ShareOf(found, one => one.Shift),
                    ShareOf(found, one => one.Concept),
                    ShareOf(found, one => one.Withdrawn > 0));
            }
        }

        var gaps = new Table(
            $"Gaps between groups of one rate, {runs} each: how often the bounds contain the true value, and how often equal groups are "
            + "called different; stated: at least 0.95, at most 0.05",
            "groups, rows each, rate", "the widest gap", "all rates", "called different");
        foreach ((int groups, int rows, double rate) in ((int, int, double)[])
            [(2, 50, 0.2), (2, 1_000, 0.02), (5, 200, 0.2), (5, 1_000, 0.5), (20, 200, 0.05), (20, 1_000, 0.2)])
        {
            (double hold, double ofRates, double apart) = Gaps(runs, groups, rows, rate);
            gaps.Add($"{groups}, {rows}, {rate}", hold, ofRates, apart);
        }
    }

    private static Found[] Simulate(int runs, double positives, int validation, World world, int windows)
    {
        var found = new Found[runs];
        Parallel.For(0, runs, run =>
        {
            var random = new Random((run * 7919) + validation + (int)(positives * 1_000) + (int)world);
            ClassifiedRows known = Sample(random, positives, validation, World.Unchanged);
            CalibrationMap? map = CalibrationMap.Fit(known, $"{run}");
            PerformanceBaseline baseline = PerformanceBaseline.Of(Metrics(known))!;
            double tail = Alpha / Windows / ChangeFinder.Kinds;
            var finder = new ChangeFinder(baseline, Options, tail);
            var trust = new EstimateTrust();
            Found one = default;
            for (int window = 0; window < windows; window++)
            {
                ClassifiedRows rows = Sample(random, positives, Rows, world);
                IReadOnlyList<WindowChange> changes = finder.Find(Empty, Metrics(rows), rows);
                one.Target |= Is(ChangeKind.TargetDrift);
                one.Shift |= Is(ChangeKind.LabelShift);
                one.Concept |= Is(ChangeKind.ConceptDrift);
                WindowChange concept = changes.Single(change => change.Kind == ChangeKind.ConceptDrift);
                if (concept.State != ChangeState.Unknown)
                {
                    trust.Add(default, default, new EstimateVerdict(concept.State == ChangeState.Changed, concept.PValue >= 0.05, Rows));
                }

                one.Withdrawn += map is not null && (trust.Reason() ?? WindowMeasure.Foreign(rows, map, Empty, tail)) is not null ? 1 : 0;

                bool Is(ChangeKind kind) => changes.Any(change => change.Kind == kind && change.State == ChangeState.Changed);
            }

            found[run] = one;
        });
        return found;
    }

    /// <summary>Labels that follow the probabilities, most of which are near 0 and 1.</summary>
    private static ClassifiedRows Sample(Random random, double positives, int rows, World world)
    {
        double[] scores = new double[rows];
        int[] truth = new int[rows];
        for (int row = 0; row < rows; row++)
        {
            bool? wanted = world == World.OtherMix ? random.NextDouble() < 2 * positives : null;
            bool isPositive;
            do
            {
                scores[row] = Beta.Sample(random, 0.6 * positives / (1 - positives), 0.6);
                isPositive = random.NextDouble() < scores[row];
            }
            while (wanted is { } other && isPositive != other);
            truth[row] = isPositive != (world == World.Flipped && random.NextDouble() < 0.1) ? 1 : 0;
        }

        return new ClassifiedRows([.. scores.SelectMany(score => new[] { 1 - score, score })],
            [.. scores.Select(score => score > 0.5 ? 1 : 0)], ["no", "yes"], 1, truth);
    }

    private static ModelMetrics Metrics(ClassifiedRows rows)
    {
        long positives = rows.Truth!.Sum(one => (long)one);
        return new ModelMetrics(new Dictionary<string, double> { [MetricNames.Accuracy] = 1 }, rows.Rows, [])
        {
            Classified = rows,
            Labels = new Dictionary<string, long> { ["no"] = rows.Rows - positives, ["yes"] = positives },
        };
    }

    private static (double Gap, double Rates, double Apart) Gaps(int runs, int groups, int rows, double rate)
    {
        var random = new Random(groups + rows);
        int hold = 0;
        int ofRates = 0;
        int apart = 0;
        for (int run = 0; run < runs; run++)
        {
            RateGap equal = RateGaps.Of([.. Enumerable.Range(0, groups).Select(group =>
                new GroupCount($"{group}", Binomial.Sample(random, rate, rows), rows))], 1)!;
            apart += equal.Low > 0 ? 1 : 0;
            double[] rates = [.. Enumerable.Range(0, groups).Select(group => rate * (1 + ((double)group / groups)))];
            RateGap gap = RateGaps.Of([.. rates.Select((one, group) =>
                new GroupCount($"{group}", Binomial.Sample(random, one, rows), rows))], 1)!;
            double truth = rates[int.Parse(gap.Highest, System.Globalization.CultureInfo.InvariantCulture)]
                - rates[int.Parse(gap.Lowest, System.Globalization.CultureInfo.InvariantCulture)];
            hold += gap.Low <= truth && truth <= gap.High ? 1 : 0;
            ofRates += gap.Rates.Zip(rates).All(pair => pair.First.Low <= pair.Second && pair.Second <= pair.First.High) ? 1 : 0;
        }

        return ((double)hold / runs, (double)ofRates / runs, (double)apart / runs);
    }

    private static DriftReport Empty { get; } = new()
    {
        Model = ModelName.Parse("m"),
        Version = 1,
        Status = DriftStatus.NoReference,
        Summary = "",
        Drifted = false,
        From = default,
        To = default,
        CheckedAt = default,
        Records = 0,
        Rows = 0,
        ReferenceRows = 0,
        OtherRows = 0,
        Significance = Alpha,
        MinimumDistance = 0,
        MinimumRows = 0,
        Features = [],
        Transactions = 0,
    };

    private static double ShareOf(Found[] found, Func<Found, bool> holds) => (double)found.Count(holds) / found.Length;

    private struct Found
    {
        public bool Target;
        public bool Shift;
        public bool Concept;
        public int Withdrawn;
    }
}
