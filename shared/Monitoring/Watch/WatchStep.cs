using System.Runtime.CompilerServices;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Monitoring.Statistics;

namespace Modeldrop.Monitoring.Watch;

/// <summary>An hour of traffic, as input of the watch.</summary>
/// <param name="Counts">By feature and bin.</param>
/// <param name="DesignEffects">By feature: how many rows carry as much information as one independent row; at least 1.</param>
internal sealed record WatchHour(long Hour, long Rows, IReadOnlyList<double[]> Counts, IReadOnlyList<double> DesignEffects)
{
    /// <summary>A sample of how often distinct inputs occur.</summary>
    public KeySample Keys { get; init; } = new();

    /// <summary>Requests behind <see cref="Keys"/>.</summary>
    public long Records { get; init; }
}

/// <summary>The baseline of a watch.</summary>
/// <param name="Reference">Digest of the bins.</param>
/// <param name="Baseline">By feature: counts by bin, from the reference data or from a pinned window.</param>
/// <param name="BaselineEffects">By feature: the design effect of these counts.</param>
/// <param name="IsOrdered">By feature: whether its bins are ordered.</param>
/// <param name="Floors">By feature: the smallest distance that matters, from the manifest; null: the installation's.</param>
/// <param name="Tested">Positions of the tested features.</param>
/// <param name="OfLog">Whether the log's own weeks are the baseline, not these counts.</param>
/// <param name="IsSeason">Whether the counts cover whole weeks, so that they bound the content of any hour.</param>
/// <param name="OfReference">Whether the counts are those of the reference data.</param>
internal sealed record WatchBaseline(
    string Reference, IReadOnlyList<double[]> Baseline, IReadOnlyList<double> BaselineEffects, IReadOnlyList<bool> IsOrdered,
    IReadOnlyList<double?> Floors, IReadOnlyList<int> Tested, bool OfLog, bool IsSeason,
    bool OfReference)
{
    /// <summary>A sample of how often distinct rows of inputs occur in the reference data.</summary>
    public required KeySample ReferenceKeys { get; init; }

    /// <summary>Rows behind <see cref="ReferenceKeys"/>.</summary>
    public required long ReferenceRows { get; init; }

    /// <summary><see cref="ReferenceProfile.Wholes"/>.</summary>
    public required IReadOnlyList<int> Wholes { get; init; }

    /// <summary>
    /// The same baseline, with repeated rows in the reference separated into copies and into values that are frequent in the traffic too.
    /// </summary>
    public WatchBaseline Beside(WatchSeason season)
    {
        if (!OfReference || season.Records == 0)
        {
            return this;
        }

        double copies = DesignEffect.OfCopies(ReferenceKeys, ReferenceRows, season.Keys, season.Records);
        return this with { BaselineEffects = [.. BaselineEffects.Select(effect => effect * copies)] };
    }

    public ReferenceShape Shape => new(Reference, [.. Baseline.Select(counts => counts.Length)]);

    /// <summary>Shares of a feature's baseline.</summary>
    public double[] SharesOf(int feature) => Counts.Smoothed(Baseline[feature]);
}

/// <summary>Adds an hour to a watch: its weight, its expectation, and what is learned from it.</summary>
/// <remarks>
/// Rows that resemble each other count for fewer (design effect). An hour with many times the rows of an ordinary one counts for
/// <see cref="MaxVolume"/> ordinary hours, so that a batch job is one observation. No hour alone provides enough evidence for an alarm. The
/// hours of the first week are used for learning, and are compared only with <see cref="SeasonBound"/>.
/// </remarks>
internal static class WatchStep
{
    public const double MaxVolume = 4;

    private const int HoursOfADay = 24;
    private const double WeekFade = 0.75;

    /// <summary>If fewer hours of the week have traffic, learning takes longer, up to <see cref="MaxWeeks"/>.</summary>
    private const int MinCells = 24;

    private const int MaxWeeks = 4;

    /// <summary>The model of finished weeks does not change during a week.</summary>
    private static readonly ConditionalWeakTable<double[][], SeasonModel> Models = new();

    // 1970-01-01 was a Thursday; weeks begin on Mondays.
    private const long FirstMonday = 4 * 24;

    public static int CellOf(long hour) => (int)((((hour - FirstMonday) % SeasonModel.Cells) + SeasonModel.Cells) % SeasonModel.Cells);

    /// <param name="significance">For all features together.</param>
    public static StoredWatch Take(StoredWatch watch, WatchBaseline baseline, WatchHour hour, double significance)
    {
        watch = Turn(watch, baseline, hour.Hour);
        WatchSeason season = watch.Season;
        double typical = season.TypicalRows == 0 ? hour.Rows : season.TypicalRows;
        double volume = Math.Min(1, MaxVolume * typical / Math.Max(1, hour.Rows));
        int cell = CellOf(hour.Hour);
        var features = new WatchCounts[hour.Counts.Count];
        double most = Math.Log(Math.Max(1, baseline.Tested.Count) / (significance / 2)) + 8;
        WatchNoise[] noise = [.. season.Noise];
        double[][][] learning = [.. season.Learning];
        double[][] whole = [.. season.WholeLearning];
        for (int feature = 0; feature < features.Length; feature++)
        {
            double[] counts = [.. hour.Counts[feature].Select(count => count * volume / hour.DesignEffects[feature])];
            features[feature] = new WatchCounts(counts, [], 0, 0);
            if (!baseline.Tested.Contains(feature))
            {
                features[feature] = WatchCounts.Nothing;
                continue;
            }

            bool isAlarmed = watch.Alarms.ContainsKey(feature);
            if (season.IsKnown)
            {
                SeasonModel model = ModelOf(season, feature, counts.Length);
                double[]? change = baseline.OfLog ? null : model.ChangeTo(baseline.SharesOf(feature), season.Whole[feature]);
                features[feature] = model.At(cell, change) is { } expected
                    ? Bounded(counts, expected, noise[feature].OfRows, isAlarmed ? double.PositiveInfinity : most)
                    : new WatchCounts(new double[counts.Length], new double[counts.Length], 0, 0);
                if (!isAlarmed && model.At(cell) is { } usual)
                {
                    noise[feature] = noise[feature].AndHour(counts, usual.Shares, usual.HourDoubt + usual.DayDoubt);
                }
            }

            whole[feature] = WatchCounts.Sum(whole[feature], hour.Counts[feature]);
            double[] old = learning[feature][cell];
            learning[feature] = [.. learning[feature]];
            learning[feature][cell] = [.. counts.Select((count, bin) =>
                Math.Round(WatchCodec.Parts * ((old.Length == 0 ? 0 : old[bin]) + count)) / WatchCodec.Parts)];
        }

        var keys = new KeySample();
        keys.Add(season.Keys);
        keys.Add(hour.Keys);
        return watch.With(hour.Hour, hour.Rows, features) with
        {
            Season = season with
            {
                Keys = keys,
                Records = season.Records + hour.Records,
                FromHour = season.TypicalRows == 0 ? hour.Hour : season.FromHour,
                Learning = learning,
                WholeLearning = whole,
                Noise = noise,
                TypicalRows = typical + ((Math.Min(hour.Rows, MaxVolume * typical) - typical) / HoursOfADay),
                PeakRows = Math.Max(season.PeakRows, hour.Rows),
            },
        };
    }

    /// <summary>Ends the previous day and the previous week, if they are over before the hour.</summary>
    private static StoredWatch Turn(StoredWatch watch, WatchBaseline baseline, long hour)
    {
        if (watch.Season.IsKnown && watch.Blocks.Count > 0)
        {
            long last = Math.DivRem(watch.Blocks[^1].LastHour, HoursOfADay).Quotient;
            watch = last < Math.DivRem(hour, HoursOfADay).Quotient && watch.SinceHour <= last * HoursOfADay
                ? WithDay(watch, baseline, last * HoursOfADay) : watch;
        }

        WatchSeason season = watch.Season;
        long week = season.TypicalRows == 0 ? 0 : (long)Math.Floor((double)(hour - season.FromHour) / SeasonModel.Cells);
        // After a clock was set back, an earlier week is learned.
        return week == season.Week ? watch : WithWeek(watch with { Season = season with { Week = week } }, baseline, hour);
    }

    private static StoredWatch WithWeek(StoredWatch watch, WatchBaseline baseline, long hour)
    {
        WatchSeason season = watch.Season;
        season = season with
        {
            Cells = [.. season.Cells.Zip(season.Learning, (cells, learned) => cells.Zip(learned, WithFaded).ToArray())],
            Learning = WatchSeason.Unseen(season.Cells.Length),
            Whole = [.. season.Whole.Zip(season.WholeLearning, WithFaded)],
            WholeLearning = [.. season.Whole.Select(_ => Array.Empty<double>())],
        };
        bool isThin = baseline.Tested.Count > 0 && season.Cells[baseline.Tested[0]].Count(cell => cell.Length > 0) < MinCells;
        if (season.IsKnown || season.Week < 1 || (isThin && season.Week < MaxWeeks))
        {
            return watch with { Season = season };
        }

        var noise = new WatchNoise[baseline.Baseline.Count];
        foreach (int feature in baseline.Tested)
        {
            noise[feature] = ModelOf(season, feature, baseline.Baseline[feature].Length).Noise;
        }

        StoredWatch known = watch with { Season = season with { IsKnown = true, Noise = noise } };
        // An alarm from the first week persists until a day matches its expectation.
        return known.BeginAgain(hour) with { Alarms = watch.Alarms };
    }

    private static SeasonModel ModelOf(WatchSeason season, int feature, int bins) =>
        Models.GetValue(season.Cells[feature], seen => new SeasonModel(seen, bins));

    private static double[] WithFaded(double[] earlier, double[] learned) =>
        WatchCounts.Sum(learned, [.. earlier.Select(count => WeekFade * count)]);

    private static StoredWatch WithDay(StoredWatch watch, WatchBaseline baseline, long fromHour)
    {
        WatchNoise[] noise = [.. watch.Season.Noise];
        foreach (int feature in baseline.Tested)
        {
            WatchCounts day = watch.Blocks.Where(block => block.LastHour >= fromHour).Select(block => block.Features[feature])
                .Aggregate((one, other) => one.Add(other));
            double rows = day.Expected.Sum();
            if (rows > 0 && !watch.Alarms.ContainsKey(feature))
            {
                double doubt = (day.DayDoubt / rows) + (day.HourDoubt / (rows * rows));
                WatchCounts earlier = watch.Blocks
                    .Where(block => block.LastHour < fromHour && block.FromHour >= fromHour - SeasonModel.Cells)
                    .Select(block => block.Features[feature]).Aggregate(WatchCounts.Nothing, (one, other) => one.Add(other));
                noise[feature] = noise[feature].AndDay(day.Counts, SharesBeside(day.Expected, earlier),
                    doubt + (1 / Math.Max(1, earlier.Counts.Sum())));
            }
        }

        return watch with { Season = watch.Season with { Noise = noise } };
    }

    /// <summary>
    /// Expected shares of a day if the days of the week before it were as they should be: a change that persists is not noise.
    /// </summary>
    private static double[] SharesBeside(double[] expected, WatchCounts earlier)
    {
        double all = expected.Sum();
        (double rows, double due) = (earlier.Counts.Sum(), earlier.Expected.Sum());
        double[] shares = [.. expected.Select((count, bin) => rows <= 0 ? count / all
            : count / all * (earlier.Counts[bin] + 0.5) / rows / ((earlier.Expected[bin] + 0.5) / due))];
        double sum = shares.Sum();
        return [.. shares.Select(share => share / sum)];
    }

    /// <summary>Counts and expectations, limited so that one hour does not decide alone; unlimited once there is an alarm.</summary>
    private static WatchCounts Bounded(double[] counts, Expectation expected, double noise, double most)
    {
        double rows = counts.Sum();
        double evidence = 0;
        for (int bin = 0; bin < counts.Length; bin++)
        {
            evidence += counts[bin] <= 0 ? 0 : counts[bin] * Math.Log(counts[bin] / (rows * expected.Shares[bin]));
        }

        evidence = (evidence / noise) - ((counts.Length - 1) / 2.0);
        double part = evidence > most ? most / evidence : 1;
        return new WatchCounts(
            [.. counts.Select(count => count * part)],
            [.. expected.Shares.Select(share => share * rows * part)],
            rows * part * rows * part * expected.HourDoubt,
            rows * part * expected.DayDoubt);
    }
}
