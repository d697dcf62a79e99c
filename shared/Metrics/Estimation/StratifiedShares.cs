using MathNet.Numerics;

namespace Modeldrop.Metrics.Estimation;

/// <summary>Similar rows of two samples, and the number of cases among them.</summary>
public sealed record SharesOfStratum(long CasesBefore, long RowsBefore, long CasesNow, long RowsNow);

/// <summary>Whether the share of cases among similar rows has changed.</summary>
/// <param name="Level">P-value of an increase or decrease of cases over all strata.</param>
/// <param name="Shape">P-value of a change that differs between the strata; 1 when there is only one.</param>
/// <param name="Difference">Current share of cases minus the previous one, weighted by the current rows; −1 to 1.</param>
/// <param name="Unevenness">
/// Root of the mean squared difference of a stratum, without the part that chance adds; 0 to 1, at least 0.
/// </param>
/// <param name="Expected">Expected share of cases among the current rows, by the previous shares; 0 to 1.</param>
public sealed record StratifiedChange(double Level, double Shape, double Difference, double Unevenness, double Expected)
{
    /// <summary>Twice the smaller p-value, because two hypotheses are tested.</summary>
    public double PValue => Math.Min(1, 2 * Math.Min(Level, Shape));

    /// <summary>Size of the change that has the smaller p-value.</summary>
    public double Effect => Level <= Shape ? Math.Abs(Difference) : Unevenness;
}

/// <summary>Compares the shares of cases in two samples, stratum by stratum.</summary>
/// <remarks>
/// <b>Level</b>: the exact test of Mantel and Haenszel, conditional on the number of cases of each stratum: the current number of cases is
/// a sum of hypergeometric variables. Twice the smaller tail, as in R's <c>mantelhaen.test(exact = TRUE)</c> except for the two-sided rule;
/// for one stratum, twice Fisher's. Beyond 4,000 possible counts, the normal approximation with the same mean and variance, without
/// correction. <b>Shape</b>: Σ d² / v − (Σ d)² / Σ v by chi-squared with one degree of freedom less than strata, where d is the current
/// cases minus the expected ones and v the hypergeometric variance; neighbours are joined until 5 are expected in every cell. Source:
/// Mantel and Haenszel, Statistical aspects of the analysis of data from retrospective studies of disease (1959). A change in the mix of
/// strata does not count as a change. Small p-values indicate a change; rows must be independent.
/// </remarks>
public static class StratifiedShares
{
    private const int MaxExact = 4_000;

    private const double LeastExpected = 5;

    /// <returns>Null when no stratum has rows of both samples.</returns>
    public static StratifiedChange? Compare(IEnumerable<SharesOfStratum> strata)
    {
        SharesOfStratum[] both = [.. strata.Where(one => one.RowsBefore > 0 && one.RowsNow > 0)];
        if (both.Length == 0)
        {
            return null;
        }

        double rows = both.Sum(one => (double)one.RowsNow);
        double difference = 0;
        double expected = 0;
        double squares = 0;
        foreach (SharesOfStratum one in both)
        {
            double before = (double)one.CasesBefore / one.RowsBefore;
            double pooled = (double)(one.CasesBefore + one.CasesNow) / (one.RowsBefore + one.RowsNow);
            double apart = ((double)one.CasesNow / one.RowsNow) - before;
            double noise = pooled * (1 - pooled) * ((1.0 / one.RowsNow) + (1.0 / one.RowsBefore));
            difference += one.RowsNow / rows * apart;
            expected += one.RowsNow / rows * before;
            squares += one.RowsNow / rows * ((apart * apart) - noise);
        }

        return new StratifiedChange(LevelOf(both), ShapeOf(both), difference, Math.Sqrt(Math.Max(0, squares)), expected);
    }

    private static double LevelOf(SharesOfStratum[] strata)
    {
        long counts = strata.Sum(one => Math.Min(
            Math.Min(one.RowsNow, one.RowsBefore), Math.Min(CasesOf(one), AllOf(one) - CasesOf(one))));
        if (counts > MaxExact)
        {
            double variance = strata.Sum(VarianceOf);
            return variance == 0 ? 1
                : SpecialFunctions.Erfc(Math.Abs(strata.Sum(Excess)) / Math.Sqrt(2 * variance));
        }

        // The distribution of the current cases, starting at the smallest possible number.
        double[] chances = [1];
        long least = 0;
        foreach (SharesOfStratum one in strata)
        {
            (long from, double[] ofOne) = Hypergeometric(AllOf(one), CasesOf(one), one.RowsNow);
            least += from;
            chances = Convolve(chances, ofOne);
        }

        int seen = (int)(strata.Sum(one => one.CasesNow) - least);
        return Math.Min(1, 2 * Math.Min(chances[..(seen + 1)].Sum(), chances[seen..].Sum()));
    }

    private static double ShapeOf(SharesOfStratum[] strata)
    {
        List<(double Excess, double Variance)> joined = [];
        List<SharesOfStratum> open = [];
        foreach (SharesOfStratum one in strata)
        {
            open.Add(one);
            if (LeastOf(open) >= LeastExpected)
            {
                joined.Add((open.Sum(Excess), open.Sum(VarianceOf)));
                open.Clear();
            }
        }

        if (open.Count > 0 && joined.Count > 0)
        {
            joined[^1] = (joined[^1].Excess + open.Sum(Excess), joined[^1].Variance + open.Sum(VarianceOf));
        }

        if (joined.Count < 2)
        {
            return 1;
        }

        double excess = joined.Sum(one => one.Excess);
        double statistic = joined.Sum(one => one.Excess * one.Excess / one.Variance)
            - (excess * excess / joined.Sum(one => one.Variance));
        return SpecialFunctions.GammaUpperRegularized((joined.Count - 1) / 2.0, Math.Max(0, statistic) / 2);
    }

    /// <summary>The smallest expected count in a cell of joined strata.</summary>
    private static double LeastOf(List<SharesOfStratum> strata)
    {
        double cases = strata.Sum(one => (double)CasesOf(one) * one.RowsNow / AllOf(one));
        double others = strata.Sum(one => (double)(AllOf(one) - CasesOf(one)) * one.RowsNow / AllOf(one));
        double casesBefore = strata.Sum(one => (double)CasesOf(one) * one.RowsBefore / AllOf(one));
        double othersBefore = strata.Sum(one => (double)(AllOf(one) - CasesOf(one)) * one.RowsBefore / AllOf(one));
        return Math.Min(Math.Min(cases, others), Math.Min(casesBefore, othersBefore));
    }

    /// <summary>The chance of each number of cases in the draw, starting at the smallest possible number.</summary>
    private static (long Least, double[] Chances) Hypergeometric(long all, long cases, long drawn)
    {
        long least = Math.Max(0, drawn - (all - cases));
        long most = Math.Min(drawn, cases);
        var chances = new double[most - least + 1];
        // From the most likely number outwards, so that nothing overflows.
        int mode = (int)(Math.Clamp((long)((drawn + 1.0) * (cases + 1.0) / (all + 2.0)), least, most) - least);
        chances[mode] = 1;
        for (int place = mode; place < chances.Length - 1; place++)
        {
            chances[place + 1] = chances[place] * Ratio(all, cases, drawn, least + place);
        }

        for (int place = mode; place > 0; place--)
        {
            chances[place - 1] = chances[place] / Ratio(all, cases, drawn, least + place - 1);
        }

        double sum = chances.Sum();
        return (least, [.. chances.Select(chance => chance / sum)]);
    }

    private static double Ratio(double all, double cases, double drawn, double seen) =>
        (cases - seen) * (drawn - seen) / ((seen + 1) * (all - cases - drawn + seen + 1));

    private static double[] Convolve(double[] one, double[] other)
    {
        var both = new double[one.Length + other.Length - 1];
        for (int left = 0; left < one.Length; left++)
        {
            for (int right = 0; right < other.Length; right++)
            {
                both[left + right] += one[left] * other[right];
            }
        }

        return both;
    }

    private static long AllOf(SharesOfStratum one) => one.RowsBefore + one.RowsNow;

    private static long CasesOf(SharesOfStratum one) => one.CasesBefore + one.CasesNow;

    private static double Excess(SharesOfStratum one) => one.CasesNow - ((double)CasesOf(one) * one.RowsNow / AllOf(one));

    private static double VarianceOf(SharesOfStratum one)
    {
        double all = AllOf(one);
        double cases = CasesOf(one);
        return one.RowsNow * (double)one.RowsBefore * cases * (all - cases) / (all * all * (all - 1));
    }
}
