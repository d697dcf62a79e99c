using Modeldrop.Registry;

namespace Modeldrop.Lifecycle.Rollouts;

/// <summary>Where a rollout stands.</summary>
/// <param name="State"><c>deciding</c>, <c>waiting for approval</c>, <c>baking</c> or <c>waiting for traffic</c>.</param>
/// <param name="Steps">Percent of the traffic, all of them.</param>
/// <param name="Percent">The present one; 0 before the first.</param>
/// <param name="NextLookAt">When the gate looks next, or the approval's time is over; UTC.</param>
/// <param name="Gate">What the gate said last; null before.</param>
/// <param name="FourEyes">Who may not approve; null: anybody with the role may.</param>
public sealed record RolloutProgress(
    string State, int Version, IReadOnlyList<int> Steps, int Percent, DateTime NextLookAt, GateReport? Gate,
    IReadOnlyList<Identity>? FourEyes = null)
{
    public const string Deciding = "deciding";
    public const string WaitingForApproval = "waiting for approval";
    public const string Baking = "baking";
    public const string WaitingForTraffic = "waiting for traffic";
}
