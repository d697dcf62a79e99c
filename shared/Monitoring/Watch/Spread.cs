using Modeldrop.Monitoring.Statistics;

namespace Modeldrop.Monitoring.Watch;

/// <summary>How far counts are from their expectations.</summary>
/// <param name="Apart">Sum of squared differences, scaled.</param>
/// <param name="Chance">The value for independent rows.</param>
/// <param name="Scale">The increase if all rows of a group were alike.</param>
internal readonly record struct Spread(double Apart, double Chance, double Scale)
{
    private const double MaxOfUsual = 3;

    /// <summary>The ratio to chance; at least 1.</summary>
    public double Factor => Chance <= 0 ? 1 : Math.Max(1, Apart / Chance);

    /// <summary>Measures how far counts are from their expectation, and how far chance would move them.</summary>
    /// <param name="counts">By bin.</param>
    /// <param name="shares">Expected, by bin.</param>
    /// <param name="doubt">1 / the number of rows from which the expectation is known.</param>
    public static Spread Of(double[] counts, double[] shares, double doubt)
    {
        double rows = Counts.Total(counts);
        if (rows <= 0)
        {
            return new Spread(0, 0, 0);
        }

        double apart = 0;
        double chance = 0;
        for (int bin = 0; bin < shares.Length; bin++)
        {
            double expected = rows * shares[bin];
            double difference = counts[bin] - expected;
            // Adding 1 prevents a single value from deciding in a bin where nothing is expected.
            apart += difference * difference / (expected + 1);
            chance += expected * (1 - shares[bin]) / (expected + 1);
        }

        return new Spread(apart / (1 + (rows * doubt)), chance, Math.Max(0, rows - 1) * chance);
    }

    /// <summary>The same for the mean score: <see cref="NormalScores"/>.</summary>
    /// <inheritdoc cref="Of"/>
    public static Spread OfShift(double[] counts, double[] shares, double doubt)
    {
        double rows = Counts.Total(counts);
        if (rows <= 0)
        {
            return new Spread(0, 0, 0);
        }

        NormalScores scores = new(shares);
        double apart = scores.MeanOf([.. counts.Select(count => count / rows)]) - scores.Mean;
        return scores.Variance <= 0 ? new Spread(0, 0, 0)
            : new Spread(apart * apart * rows / scores.Variance / (1 + (rows * doubt)), 1, Math.Max(0, rows - 1));
    }

    /// <summary>The same spread, limited to a few times the usual one: a change must not pass for noise before it is detected.</summary>
    /// <param name="usual">The <see cref="Factor"/> of earlier data.</param>
    public Spread AtMost(double usual) => this with { Apart = Math.Min(Apart, MaxOfUsual * usual * Chance) };

    public static Spread operator +(Spread left, Spread right) =>
        new(left.Apart + right.Apart, left.Chance + right.Chance, left.Scale + right.Scale);

    public static Spread operator *(Spread spread, double factor) =>
        new(spread.Apart * factor, spread.Chance * factor, spread.Scale * factor);
}
