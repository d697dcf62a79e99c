using Modeldrop.Monitoring.Statistics;

namespace Modeldrop.Monitoring.Watch;

/// <summary>The expectation for an hour of the week, and its uncertainty.</summary>
/// <param name="Shares">By bin; they sum to 1.</param>
/// <param name="HourDoubt">1 / the number of rows from which the hour's own pattern is known.</param>
/// <param name="DayDoubt">1 / the number of rows from which the day's own pattern is known; the hours of a day share it.</param>
internal sealed record Expectation(double[] Shares, double HourDoubt, double DayDoubt);

/// <summary>The weekly pattern of one feature, learned from counts by hour of the week.</summary>
/// <remarks>
/// <para>
/// There are three layers, each shrunk towards the one above by as much as the counts do not support it: the whole week; the hour of the
/// day, and the day of the week beyond the hours that it has, which multiply (the log-linear model without interaction of day and hour,
/// fitted by proportions: Deming and Stephan, On a least squares adjustment of a sampled frequency table, 1940); the hour of the week. The
/// amount is estimated from the counts (Dirichlet-multinomial moments: Mosimann, On the compound multinomial distribution, 1962), for the
/// hours of each day of the week by themselves: if the layer above weighs κ rows, a layer gives (N · share + κ · above) / (N + κ). Counts
/// that differ no more than by chance give κ = ∞, so traffic without a season is compared with the reference alone, at its full size.
/// </para>
/// <para>
/// <see cref="Noise"/> has the ratios by which the hours and the days differ beyond the pattern, relative to chance. In a first week, noise
/// and pattern cannot be separated hour by hour: differences that the layers of the day and the hour do not explain count as both, and
/// weekdays are assumed to be alike. Both choices are the cautious ones.
/// </para>
/// </remarks>
internal sealed class SeasonModel
{
    public const int Cells = 168;

    private const int HoursOfADay = 24;
    private const int Days = 7;

    /// <summary>Iterations of the fit; more iterations change only the fifth digit.</summary>
    private const int Rounds = 8;

    /// <summary>Weight in the fit, in rows, of an hour that was never seen.</summary>
    private const double LeastWeight = 1e-6;

    private readonly double[][] _cells;
    private readonly double[] _week;
    private readonly double[][] _above;
    private readonly double[] _cellRows;
    private readonly double _hourPrior;
    private readonly double[] _cellPriors;
    private readonly double[] _dayDoubt;
    private readonly double[] _hourRows;

    /// <param name="cells">Counts by hour of the week and bin; an unseen hour is empty or all 0.</param>
    /// <param name="bins">Number of bins.</param>
    public SeasonModel(double[][] cells, int bins)
    {
        _cells = cells;
        double[][] days = Zeros(Days, bins);
        double[][] hours = Zeros(HoursOfADay, bins);
        var whole = new double[bins];
        for (int cell = 0; cell < Cells; cell++)
        {
            for (int bin = 0; bin < cells[cell].Length; bin++)
            {
                double count = cells[cell][bin];
                days[cell / HoursOfADay][bin] += count;
                hours[cell % HoursOfADay][bin] += count;
                whole[bin] += count;
            }
        }

        _week = Counts.Smoothed(whole);
        double[] dayRows = [.. days.Select(day => Counts.Total(day))];
        _hourRows = [.. hours.Select(hour => Counts.Total(hour))];
        _cellRows = [.. cells.Select(cell => Counts.Total(cell))];

        _hourPrior = PriorOf(Dispersion(hours, _ => _week, Spread.Of));
        double[][] hourShares = [.. hours.Select((hour, index) => Drawn(hour, _hourRows[index], _week, _hourPrior))];
        double[][] daysOfHours = [.. days.Select((_, day) => MixOf(hourShares, _cellRows.AsSpan(day * HoursOfADay, HoursOfADay)))];
        double dayPrior = PriorOf(Dispersion(days, day => daysOfHours[day], Spread.Of));
        double[][] dayShares = [.. days.Select((day, index) => Drawn(day, dayRows[index], daysOfHours[index], dayPrior))];
        _above = Fitted(dayShares, hourShares);

        _dayDoubt = [.. dayRows.Select(rows => 1 / (rows + dayPrior))];
        _cellPriors = [.. Enumerable.Range(0, Days).Select(day => PriorOf(Dispersion(
            cells[(day * HoursOfADay)..((day + 1) * HoursOfADay)], hour => _above[(day * HoursOfADay) + hour], Spread.Of)))];
        Noise = new WatchNoise(
            Dispersion(cells, cell => _above[cell], Spread.Of), AmongAlike(days, Spread.Of),
            Dispersion(cells, cell => _above[cell], Spread.OfShift), AmongAlike(days, Spread.OfShift));
    }

    /// <summary>
    /// Noise of the hours of the week around the pattern of days and hours, and of the five weekdays and the two other days among
    /// themselves.
    /// </summary>
    public WatchNoise Noise { get; }

    /// <summary>
    /// The expectation for an hour of the week from the log, or for a whole week that is different; null for an hour that was never seen.
    /// </summary>
    /// <param name="change">By bin: the share in the different week over the share in the log's week; null: the log's week.</param>
    public Expectation? At(int cell, double[]? change = null)
    {
        double rows = _cellRows[cell];
        if (rows <= 0)
        {
            return null;
        }

        double prior = _cellPriors[cell / HoursOfADay];
        double[] shares = Drawn(_cells[cell], rows, _above[cell], prior);
        for (int bin = 0; bin < shares.Length; bin++)
        {
            shares[bin] *= change?[bin] ?? 1;
        }

        return new Expectation(
            Normalised(shares),
            (1 / (rows + prior)) + (1 / (_hourRows[cell % HoursOfADay] + _hourPrior)),
            _dayDoubt[cell / HoursOfADay]);
    }

    /// <summary>
    /// The change by which this model's week becomes a different week: with as many rows of each hour as the log has, the expectations then
    /// sum to that week.
    /// </summary>
    /// <param name="week">By bin: shares of the different week.</param>
    /// <param name="logged">
    /// By bin: counts of the same weeks of the log with all rows. This model has only a part of very busy hours.
    /// </param>
    public double[] ChangeTo(double[] week, double[] logged)
    {
        double[] allRows = Counts.Smoothed(logged);
        double[] wanted = Normalised([.. week.Select((share, bin) => share * _week[bin] / allRows[bin])]);
        double[] change = [.. wanted.Select(_ => 1.0)];
        for (int round = 0; round < Rounds; round++)
        {
            var sum = new double[change.Length];
            for (int cell = 0; cell < Cells; cell++)
            {
                double[]? shares = At(cell, change)?.Shares;
                for (int bin = 0; bin < shares?.Length; bin++)
                {
                    sum[bin] += _cellRows[cell] * shares[bin];
                }
            }

            double all = Counts.Total(sum);
            for (int bin = 0; bin < change.Length; bin++)
            {
                change[bin] *= wanted[bin] * all / Math.Max(sum[bin], double.Epsilon);
            }
        }

        return change;
    }

    /// <summary>The shares of a day without a pattern of its own: its hours, as many rows of each as it has.</summary>
    private double[] MixOf(double[][] hourShares, ReadOnlySpan<double> rows)
    {
        double all = Counts.Total(rows);
        if (all <= 0)
        {
            return _week;
        }

        var mix = new double[_week.Length];
        for (int hour = 0; hour < HoursOfADay; hour++)
        {
            for (int bin = 0; bin < mix.Length; bin++)
            {
                mix[bin] += rows[hour] / all * hourShares[hour][bin];
            }
        }

        return mix;
    }

    /// <summary>
    /// Shares of every hour of the week that are a product of day and hour and have the given sums over hours and over days.
    /// </summary>
    private double[][] Fitted(double[][] days, double[][] hours)
    {
        double[][] shares = [.. Enumerable.Range(0, Cells).Select(_ => (double[])_week.Clone())];
        double[] weights = [.. _cellRows.Select(rows => Math.Max(rows, LeastWeight))];
        for (int round = 0; round < Rounds; round++)
        {
            Rake(shares, weights, days, cell => cell / HoursOfADay);
            Rake(shares, weights, hours, cell => cell % HoursOfADay);
        }

        return shares;
    }

    /// <summary>Scales the shares so that each group has the given sums, then so that each cell sums to 1.</summary>
    private static void Rake(double[][] shares, double[] weights, double[][] groups, Func<int, int> groupOf)
    {
        double[][] sums = Zeros(groups.Length, shares[0].Length);
        double[] rows = new double[groups.Length];
        for (int cell = 0; cell < Cells; cell++)
        {
            int group = groupOf(cell);
            rows[group] += weights[cell];
            for (int bin = 0; bin < shares[cell].Length; bin++)
            {
                sums[group][bin] += weights[cell] * shares[cell][bin];
            }
        }

        for (int cell = 0; cell < Cells; cell++)
        {
            int group = groupOf(cell);
            for (int bin = 0; bin < shares[cell].Length; bin++)
            {
                shares[cell][bin] *= groups[group][bin] * rows[group] / Math.Max(sums[group][bin], double.Epsilon);
            }

            Normalised(shares[cell]);
        }
    }

    private static Spread AmongAlike(double[][] days, Func<double[], double[], double, Spread> spreadOf) =>
        Dispersion(days[..5], _ => SharesOf(days[..5]), spreadOf) + Dispersion(days[5..], _ => SharesOf(days[5..]), spreadOf);

    private static Spread Dispersion(
        double[][] groups, Func<int, double[]> sharesOf, Func<double[], double[], double, Spread> spreadOf)
    {
        var sum = new Spread(0, 0, 0);
        int used = 0;
        for (int group = 0; group < groups.Length; group++)
        {
            Spread one = spreadOf(groups[group], sharesOf(group), 0);
            used += one.Chance > 0 ? 1 : 0;
            sum += one;
        }

        // The expectations were fitted to the same counts, which uses up one group's degrees of freedom.
        return used < 2 ? new Spread(0, 0, 0) : sum with { Chance = sum.Chance * (used - 1) / used };
    }

    private static double PriorOf(Spread spread)
    {
        double alike = spread.Scale <= 0 ? 0 : (spread.Apart - spread.Chance) / spread.Scale;
        return alike <= 1e-9 ? 1e9 : Math.Max(0, (1 / alike) - 1);
    }

    private static double[] Drawn(double[] counts, double rows, double[] above, double prior)
    {
        if (rows <= 0)
        {
            return above;
        }

        var shares = new double[above.Length];
        for (int bin = 0; bin < shares.Length; bin++)
        {
            shares[bin] = (counts[bin] + ((prior + 0.5) * above[bin])) / (rows + prior + 0.5);
        }

        return shares;
    }

    private static double[] SharesOf(double[][] groups)
    {
        double[] sums = [.. Enumerable.Range(0, groups[0].Length).Select(bin => groups.Sum(group => group[bin]))];
        double rows = Math.Max(1e-9, sums.Sum());
        return [.. sums.Select(sum => sum / rows)];
    }

    /// <summary>Normalises in place.</summary>
    private static double[] Normalised(double[] shares)
    {
        double sum = 0;
        foreach (double share in shares)
        {
            sum += share;
        }

        for (int bin = 0; bin < shares.Length; bin++)
        {
            shares[bin] /= sum;
        }

        return shares;
    }

    private static double[][] Zeros(int groups, int bins) => [.. Enumerable.Range(0, groups).Select(_ => new double[bins])];
}
