namespace Modeldrop.Lifecycle.Rollouts;

public enum GateVerdict
{
    /// <summary>No bound is breached, on enough requests.</summary>
    Passed,

    /// <summary>Too few requests for a verdict.</summary>
    Undecided,

    /// <summary>A bound is breached: the rollout ends.</summary>
    Breached,

    /// <summary>Somebody else has ended the split: by a roll back, or by another champion.</summary>
    Ended,
}

/// <summary>One figure of a gate, compared with its bound.</summary>
/// <param name="Name">Stable name: <c>errors</c>, <c>latency</c>, <c>output.answers</c>, <c>feedback</c>…</param>
/// <param name="Explanation">The check in words, with its figures.</param>
public sealed record GateCheck(string Name, bool Breached, string Explanation, double Figure, double Bound);

/// <summary>The result of a gate at one look.</summary>
/// <param name="Explanation">One sentence; for a breach, which figure is beyond which bound.</param>
public sealed record GateReport(
    GateVerdict Verdict, string Explanation, long ChampionRequests, long CandidateRequests, IReadOnlyList<GateCheck> Checks);
