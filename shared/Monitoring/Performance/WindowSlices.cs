using Modeldrop.Metrics;

namespace Modeldrop.Monitoring.Performance;

/// <summary>Splits the rows of a window by the values of its slices.</summary>
/// <param name="significance">The chance that any unchanged slice is reported as worse.</param>
/// <param name="seed">Seed of the resampling.</param>
internal sealed class WindowSlices(AnsweredRows rows, ModelMetrics measured, double significance, string seed)
{
    private const int MaxGroups = 50;

    /// <summary>Selection rate, true and false positive rate.</summary>
    private const int Rates = 3;

    public IReadOnlyList<SliceReport> Cut(ClassifiedRows? all)
    {
        IReadOnlyDictionary<string, MetricEvidence> whole = EvidenceOf(measured);
        List<(RowGroups Groups, int More, List<(int Code, int Rows, ModelMetrics Metrics)> Measured)> cut = [];
        foreach (RowGroups groups in rows.Groups)
        {
            var counts = new int[groups.Values.Count];
            var labelled = new int[groups.Values.Count];
            for (int row = 0; row < groups.Rows.Count; row++)
            {
                counts[groups.Rows[row]]++;
                labelled[groups.Rows[row]] += rows.IsLabelled(row) ? 1 : 0;
            }

            int[] codes = [.. Enumerable.Range(0, counts.Length).Where(code => counts[code] > 0)
                .OrderByDescending(code => labelled[code]).ThenByDescending(code => counts[code])
                .ThenBy(code => string.Join('\u001f', groups.Values[code]), StringComparer.Ordinal)];
            cut.Add((groups, Math.Max(0, codes.Length - MaxGroups), [.. codes.Take(MaxGroups).Select(code => (code, counts[code],
                labelled[code] > 0 ? rows.Measure(row => groups.Rows[row] == code) : new ModelMetrics(new Dictionary<string, double>(), 0,
                    [])))]));
        }

        int questions = cut.Sum(one => one.Measured.Sum(group => Judged(whole, group.Metrics).Count()));
        double tail = significance / Math.Max(1, questions);
        return [.. cut.Select(one => new SliceReport(
            one.Groups.Inputs,
            [.. one.Measured.Select(group => Report(one.Groups.Values[group.Code], group.Rows, group.Metrics, whole, tail))],
            one.More, Gaps(one.Groups, [.. one.Measured.Select(group => group.Code)], all), one.Groups.Problem))];
    }

    private PerformanceSlice Report(
        string[] values, int count, ModelMetrics metrics, IReadOnlyDictionary<string, MetricEvidence> whole, double tail)
    {
        IReadOnlyDictionary<string, MetricInterval> intervals = metrics.Sample is { } sample
            ? MetricBootstrap.Run(sample, null, $"{seed} {string.Join(' ', values)}").Candidate : new Dictionary<string, MetricInterval>();
        return new PerformanceSlice(values, count, metrics.Rows, WindowMeasure.Values(metrics.Values, intervals),
            [.. Judged(whole, metrics).Where(one => MetricNames.IsLowerBetter(one.Name)
                ? MetricChange.IsWorse(one.Others, one.Own, true, MetricChange.ErrorFloor, tail)
                : MetricChange.IsWorse(one.Others, one.Own, false, MetricChange.Floor, tail)).Select(one => one.Name)]);
    }

    /// <summary>Metrics of a group that can be compared with those of the other rows.</summary>
    private static IEnumerable<(string Name, MetricEvidence Own, MetricEvidence Others)> Judged(
        IReadOnlyDictionary<string, MetricEvidence> whole, ModelMetrics ofGroup) =>
        from pair in EvidenceOf(ofGroup)
        let others = whole.GetValueOrDefault(pair.Key)?.Without(pair.Value)
        where others is not null && others.IsEnough && pair.Value.IsEnough
        select (pair.Key, pair.Value, others);

    private static Dictionary<string, MetricEvidence> EvidenceOf(ModelMetrics metrics) => metrics.Sample is not { } sample ? []
        : sample.Names.Where(name => sample.EvidenceOf(name) is not null).ToDictionary(name => name, name => sample.EvidenceOf(name)!);

    private GroupGaps? Gaps(RowGroups groups, int[] codes, ClassifiedRows? all)
    {
        if (all?.Positive is not { } positive || codes.Length < 2)
        {
            return null;
        }

        int?[] truth = rows.TruthOf(all.Width);
        GroupCount[] Count(Func<int, bool> isMeant)
        {
            var cases = new long[groups.Values.Count];
            var trials = new long[groups.Values.Count];
            for (int row = 0; row < all.Rows; row++)
            {
                if (isMeant(row))
                {
                    trials[groups.Rows[row]]++;
                    cases[groups.Rows[row]] += all.Predicted[row] == positive ? 1 : 0;
                }
            }

            return [.. codes.Select(code => new GroupCount(string.Join(", ", groups.Values[code]), cases[code], trials[code]))];
        }

        return new GroupGaps(all.Classes[positive], RateGaps.Of(Count(_ => true), Rates),
            RateGaps.Of(Count(row => truth[row] == positive), Rates),
            RateGaps.Of(Count(row => truth[row] is { } one && one != positive), Rates));
    }
}
