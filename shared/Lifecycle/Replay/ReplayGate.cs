using System.Globalization;
using MathNet.Numerics.Distributions;
using Modeldrop.Lifecycle.Validation;
using Modeldrop.Metrics;
using Modeldrop.Monitoring.Statistics;
using Modeldrop.Pages;

namespace Modeldrop.Lifecycle.Replay;

/// <summary>Derives the checks of a validation from a replay. Pure.</summary>
/// <remarks>
/// <list type="bullet">
/// <item><c>replay.faithful</c>: under the environment of the log, the champion must answer every record with the logged bits. Otherwise
/// log or environment are not faithful, and no verdict is based on them: the check fails if the manifest sets a bound, because the bound
/// cannot be verified, and is noted if not. Records of another environment may differ; the check reports by how much.</item>
/// <item><c>replay.answers</c>: the candidate answers every record that the champion answers, with numbers where the champion gives
/// numbers. One record or row without such an answer fails the check.</item>
/// <item><c>replay.disagreement</c>: passed when the exact upper bound of the rate at 95 % (<see cref="ClopperPearson"/>) is at most
/// <c>validation.maxDisagreement</c>. It is noted if the manifest sets no bound, or if there are too few rows to prove the bound even
/// without any disagreement.</item>
/// <item><c>replay.slices</c>: values of inputs on which disagreement concentrates: hypergeometric tail against all other rows, significant
/// at 1 % over all slices (Benjamini-Hochberg), at least 20 rows. Noted.</item>
/// <item><c>replay.shift</c>, <c>replay.latency</c>: Jensen-Shannon distance of the answers, and both models' times. Noted.</item>
/// </list>
/// </remarks>
public static class ReplayGate
{
    /// <summary>Prefix of the names of these checks.</summary>
    internal const string Prefix = "replay.";

    private const int SlicesToName = 5;
    private const int LeastSliceRows = 20;
    private const double Significance = 0.01;

    /// <param name="maxDisagreement">The manifest's bound; null: none.</param>
    public static IReadOnlyList<ValidationCheck> Decide(
        ReplaySummary summary, int championVersion, double? maxDisagreement, ReplayOptions options)
    {
        string against = $"the champion (version {championVersion})";
        if (summary.Records == 0)
        {
            string none = options.MaxRecords == 0
                ? "The replay of logged records is switched off."
                : $"The log has no record of {against} from the last {options.MaxAge.TotalDays:0.#} days to score again.";
            return [new ValidationCheck("replay.disagreement", CheckVerdict.Skipped, none)];
        }

        return [
            Faithful(summary.Faithfulness, against, maxDisagreement is not null), .. Compare(summary, against, maxDisagreement, options)];
    }

    /// <summary>The same without a check of the champion's faithfulness: for a version that replays the answers of another one.</summary>
    /// <param name="against">The version that gave the logged answers, in words.</param>
    public static IReadOnlyList<ValidationCheck> Compare(
        ReplaySummary summary, string against, double? maxDisagreement, ReplayOptions options) =>
    [
        Answers(summary, against),
        Disagreement(summary, against, summary.Faithfulness.Different > 0, maxDisagreement, options.MinimumRows),
        .. Slices(summary),
        .. Shift(summary, against),
        .. Latency(summary, against),
    ];

    private static ValidationCheck Faithful(Faithfulness found, string against, bool bounded)
    {
        string others = found.OtherEnvironment == 0 ? ""
            : $" {Figures.Count(found.OtherEnvironment)} records were logged in another environment; "
                + $"{Figures.Count(found.OtherDifferent)} of them differ, by at most "
                + $"{found.LargestDifference.ToString("0.###e0", CultureInfo.InvariantCulture)} of the value.";
        if (found.Different > 0)
        {
            return new ValidationCheck("replay.faithful", bounded ? CheckVerdict.Failed : CheckVerdict.Noted,
                $"The log or the environment is not faithful: {against} now answers {Figures.Count(found.Different)} of "
                    + $"{Figures.Count(found.SameEnvironment)} logged records with different bits, so the log proves nothing.{others}",
                found.Different, 0, [.. found.Examples.Select(id => $"Prediction {id}")]);
        }

        return found.SameEnvironment == 0
            ? new ValidationCheck(
                "replay.faithful", CheckVerdict.Noted,
                $"No record was logged in this environment, so bits cannot be compared with the log.{others}")
            : new ValidationCheck(
                "replay.faithful", CheckVerdict.Passed,
                $"{Capital(against)} answers all {Figures.Count(found.SameEnvironment)} logged records with the logged "
                    + $"bits.{others}",
                0, 0);
    }

    private static ValidationCheck Answers(ReplaySummary summary, string against)
    {
        string[] missing =
        [
            .. summary.CandidateFailures > 0
                ? [$"{Figures.Count(summary.CandidateFailures)} records fail, for example: {summary.CandidateFailure}"]
                : Array.Empty<string>(),
            .. summary.CandidateNaNs > 0 ? [$"{Figures.Count(summary.CandidateNaNs)} rows are answered with NaN."] : Array.Empty<string>(),
        ];
        long answered = summary.Records - summary.ChampionFailures;
        return missing.Length == 0
            ? new ValidationCheck(
                "replay.answers", CheckVerdict.Passed,
                $"The version answers all {Figures.Count(answered)} logged records that {against} answers, with numbers.", 0, 0)
            : new ValidationCheck(
                "replay.answers", CheckVerdict.Failed, $"The version fails or answers NaN on logged records that {against} answers.",
                summary.CandidateFailures + summary.CandidateNaNs, 0, missing);
    }

    private static ValidationCheck Disagreement(ReplaySummary summary, string against, bool unfaithful, double? bound, int minimumRows)
    {
        const string Name = "replay.disagreement";
        if (summary.Rows == 0)
        {
            return new ValidationCheck(Name, CheckVerdict.Skipped, "No logged row has comparable answers of both versions.");
        }

        double rate = (double)summary.Disagreements / summary.Rows;
        double upper = ClopperPearson.Upper(summary.Disagreements, summary.Rows);
        string figures =
            $"{Percent(rate)} of {Figures.Count(summary.Rows)} logged rows get a different answer than from {against} "
                + $"({Percent(ClopperPearson.Lower(summary.Disagreements, summary.Rows))} to {Percent(upper)} at 95 % each)";
        string[] examples = [.. summary.Examples.Select(id => $"For example prediction {id}")];
        if (bound is not { } allowed)
        {
            return new ValidationCheck(Name, CheckVerdict.Noted, $"{figures}.", rate, Details: examples);
        }

        long needed = Math.Max(minimumRows, ClopperPearson.LeastTrials(allowed));
        if (unfaithful || summary.Rows < needed)
        {
            return new ValidationCheck(
                Name, CheckVerdict.Noted,
                unfaithful
                    ? $"{figures}; no verdict, because the log is not faithful."
                    : $"{figures}; no verdict, because {Percent(allowed)} needs at least {Figures.Count(needed)} rows as proof.",
                rate, allowed, examples);
        }

        return new ValidationCheck(
            Name, upper <= allowed ? CheckVerdict.Passed : CheckVerdict.Failed, $"{figures}; {Percent(allowed)} is allowed.", upper,
            allowed, examples);
    }

    private static IEnumerable<ValidationCheck> Slices(ReplaySummary summary)
    {
        (string Text, SliceCount Count, double P)[] slices =
        [
            .. from input in summary.Slices
               where input.Value is not null
               from slice in input.Value
               where slice.Value.Rows >= LeastSliceRows && slice.Value.Rows < summary.Rows
               select ($"{input.Key} = {slice.Key}", slice.Value, Tail(summary, slice.Value)),
        ];
        double[] adjusted = BenjaminiHochberg.Adjust([.. slices.Select(slice => slice.P)]);
        string[] found = [.. slices.Zip(adjusted)
            .Where(pair => pair.Second <= Significance)
            .OrderBy(pair => pair.Second).ThenByDescending(pair => pair.First.Count.Disagreements)
            .Take(SlicesToName)
            .Select(
                pair =>
                    $"{pair.First.Text}: {Percent((double)pair.First.Count.Disagreements / pair.First.Count.Rows)} of "
                        + $"{Figures.Count(pair.First.Count.Rows)} rows")];
        if (found.Length > 0)
        {
            yield return new ValidationCheck(
                "replay.slices", CheckVerdict.Noted, "Disagreement concentrates on some values of the inputs.", found.Length,
                Details: found);
        }
    }

    /// <summary>Probability of at least this many of all disagreements in a slice of this size, if they were spread evenly.</summary>
    private static double Tail(ReplaySummary summary, SliceCount slice) => slice.Disagreements == 0
        ? 1
        : 1 - Hypergeometric.CDF((int)summary.Rows, (int)summary.Disagreements, (int)slice.Rows, slice.Disagreements - 1);

    private static IEnumerable<ValidationCheck> Shift(ReplaySummary summary, string against)
    {
        if (summary.Answers is { Count: > 0 } answers)
        {
            double distance = JensenShannon.Distance(
                [.. answers.Values.Select(count => count.Champion)], [.. answers.Values.Select(count => count.Candidate)]);
            yield return new ValidationCheck("replay.shift", CheckVerdict.Noted,
                $"The distribution of the answers is {Figures.Distance(distance)} away from that of "
                    + $"{against} (Jensen-Shannon distance, 0 to 1).",
                distance);
        }
    }

    private static IEnumerable<ValidationCheck> Latency(ReplaySummary summary, string against)
    {
        if (summary.ChampionLatency.Quantile(0.95) is { } theirs && summary.CandidateLatency.Quantile(0.95) is { } ours)
        {
            yield return new ValidationCheck("replay.latency", CheckVerdict.Noted, string.Create(CultureInfo.InvariantCulture,
                $"95 % of the logged records take at most {ours.TotalMilliseconds:0.###} ms in the model, and with {against} "
                    + $"{theirs.TotalMilliseconds:0.###} ms."),
                ours.TotalMilliseconds, theirs.TotalMilliseconds);
        }
    }

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    private static string Percent(double share) => Figures.Percent(share, decimals: 3);
}
