using System.Globalization;
using MathNet.Numerics.Distributions;
using Modeldrop.Manifests;
using Modeldrop.Monitoring.Statistics;
using Modeldrop.Pages;
using Modeldrop.Routing;

namespace Modeldrop.Lifecycle.Rollouts;

/// <summary>Decides from the traffic of a rollout whether its candidate may go on. Pure.</summary>
/// <remarks>
/// A bound is breached when two conditions hold: the figure is beyond the bound, and a difference this large would be rare between equal
/// models. Rare means <see cref="FalseAlarmRate"/> for the whole rollout, spent in equal parts on all its looks and checks (Bonferroni). So
/// frequent looks cause no extra false alarms: a rollout of an equal model is rolled back with at most that probability. There is no
/// verdict before candidate and champion have each had <see cref="GatePolicy.MinRequests"/> requests.
/// <list type="bullet">
/// <item>errors: share of failed requests, candidate minus champion; Fisher's exact test, one-sided (hypergeometric tail).</item>
/// <item>latency: share of the candidate's answers above factor × the champion's 95th percentile (at least 1 ms above it), which should be
/// at most 5 %; exact binomial tail.</item>
/// <item>outputs: total variation distance of the answers, with the p-value of its own card (<see cref="OutputComparison"/>).</item>
/// <item>feedback: how much worse the answers were, by the labels that have arrived (<see cref="FeedbackComparison"/>); only with
/// <see cref="GatePolicy.MinRequests"/> labels of each.</item>
/// </list>
/// </remarks>
public static class RolloutGate
{
    /// <summary>Probability that a candidate equal to its champion is rolled back during a rollout.</summary>
    public const double FalseAlarmRate = 0.01;

    private const double SlowShare = 0.05;

    private static readonly TimeSpan LatencyFloor = TimeSpan.FromMilliseconds(1);

    /// <param name="looks">Maximum number of looks in this rollout.</param>
    public static GateReport Decide(GatePolicy policy, GateFigures figures, int looks)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(looks, 1);
        (VersionCounts champion, VersionCounts candidate) = (figures.Champion, figures.Candidate);
        if (candidate.Requests == 0 && candidate.Unloaded >= policy.MinRequests)
        {
            var unloaded = new GateCheck("load", true,
                $"The candidate cannot be loaded, so the champion answered {Figures.Count(candidate.Unloaded)} requests in its place.",
                candidate.Unloaded, 0);
            return new GateReport(GateVerdict.Breached, unloaded.Explanation, champion.Requests, 0, [unloaded]);
        }

        if (Math.Min(candidate.Requests, champion.Requests) < policy.MinRequests)
        {
            return new GateReport(GateVerdict.Undecided,
                $"No verdict yet: the candidate has had {Figures.Count(candidate.Requests)} requests and the champion "
                    + $"{Figures.Count(champion.Requests)}; {Figures.Count(policy.MinRequests)} of each are needed.",
                champion.Requests, candidate.Requests, []);
        }

        double rare = FalseAlarmRate / (looks * (2 + FeedbackComparison.MaxFigures + figures.Outputs.Count));
        List<GateCheck> checks = [
            Errors(policy, champion, candidate, rare), .. figures.Outputs.Select(shift => Output(policy, shift, rare))];
        if (Latency(policy, champion, candidate, rare) is { } latency)
        {
            checks.Add(latency);
        }

        checks.AddRange((figures.Feedback ?? [])
            .Where(drop => Math.Min(drop.ChampionLabels, drop.CandidateLabels) >= policy.MinRequests)
            .Select(drop => Feedback(drop, rare)));

        string[] breaches = [.. checks.Where(check => check.Breached).Select(check => check.Explanation)];
        return breaches.Length > 0
            ? new GateReport(GateVerdict.Breached, string.Join(" ", breaches), champion.Requests, candidate.Requests, checks)
            : new GateReport(GateVerdict.Passed,
                $"All {checks.Count} figures are within their bounds on {Figures.Count(candidate.Requests)} requests of the candidate and "
                    + $"{Figures.Count(champion.Requests)} of the champion.",
                champion.Requests, candidate.Requests, checks);
    }

    private static GateCheck Errors(GatePolicy policy, VersionCounts champion, VersionCounts candidate, double rare)
    {
        double ours = Share(candidate.Failures, candidate.Requests);
        double theirs = Share(champion.Failures, champion.Requests);
        double p = FisherTail.Of(champion.Failures, champion.Requests, candidate.Failures, candidate.Requests);
        bool breached = ours - theirs > policy.MaxErrorIncrease && p <= rare;
        return new GateCheck("errors", breached,
            $"{Percent(ours)} of the candidate's requests failed, and {Percent(theirs)} of the champion's; "
                + $"{Percent(policy.MaxErrorIncrease)} more are allowed.",
            ours - theirs, policy.MaxErrorIncrease);
    }

    private static GateCheck? Latency(GatePolicy policy, VersionCounts champion, VersionCounts candidate, double rare)
    {
        if (champion.Latency.Quantile(0.95) is not { } theirs || candidate.Latency.Quantile(0.95) is not { } ours)
        {
            return null;
        }

        TimeSpan factor = theirs * policy.MaxLatencyFactor;
        TimeSpan bound = factor > theirs + LatencyFloor ? factor : theirs + LatencyFloor;
        long slow = candidate.Latency.CountAbove(bound);
        bool breached = ours > bound
            && Binomial.CDF(1 - SlowShare, Integer(candidate.Latency.Count), Integer(candidate.Latency.Count - slow)) <= rare;
        return new GateCheck("latency", breached, string.Create(CultureInfo.InvariantCulture,
            $"95 % of the candidate's requests take at most {ours.TotalMilliseconds:0.###} ms in the model; "
                + $"{bound.TotalMilliseconds:0.###} ms are allowed (the champion's {theirs.TotalMilliseconds:0.###} ms)."),
            ours.TotalMilliseconds, bound.TotalMilliseconds);
    }

    private static GateCheck Output(GatePolicy policy, OutputShift shift, double rare) => new(
        $"output.{shift.Name}",
        shift.Distance > policy.MaxOutputShift && shift.PValue <= rare,
        $"{Percent(shift.Distance)} of the {shift.Name} differ from the champion's ({Figures.Count(shift.CandidateRows)} rows against "
            + $"{Figures.Count(shift.ChampionRows)}); {Percent(policy.MaxOutputShift)} are allowed.",
        shift.Distance, policy.MaxOutputShift);

    private static GateCheck Feedback(FeedbackDrop drop, double rare) => new(
        $"feedback.{drop.Name}",
        drop.Drop > drop.Allowed && drop.PValue <= rare,
        string.Create(CultureInfo.InvariantCulture,
            $"On {Figures.Count(drop.CandidateLabels)} labels the candidate's {drop.Name} is {drop.Candidate:0.0000}, on "
                + $"{Figures.Count(drop.ChampionLabels)} the champion's is {drop.Champion:0.0000}; "
                + $"{drop.Allowed:0.####} worse is allowed."),
        drop.Drop,
        drop.Allowed);

    private static int Integer(long count) => (int)Math.Min(count, int.MaxValue);

    private static double Share(long part, long all) => all == 0 ? 0 : (double)part / all;

    private static string Percent(double share) => Figures.Percent(share, decimals: 2);
}
