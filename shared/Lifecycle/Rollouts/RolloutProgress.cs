using Modeldrop.Registry;

namespace Modeldrop.Lifecycle.Rollouts;

/// <summary>The progress of a rollout.</summary>
/// <param name="State"><c>deciding</c>, <c>waiting for approval</c>, <c>baking</c> or <c>waiting for traffic</c>.</param>
/// <param name="Steps">Percent of the traffic of each step.</param>
/// <param name="Percent">The present share; 0 before the first step.</param>
/// <param name="NextLookAt">When the gate looks next, or when the time for the approval ends; UTC.</param>
/// <param name="Gate">The gate's last report; null before the first.</param>
/// <param name="FourEyes">Those who may not approve; null: anybody with the role may.</param>
public sealed record RolloutProgress(
    string State, int Version, IReadOnlyList<int> Steps, int Percent, DateTime NextLookAt, GateReport? Gate,
    IReadOnlyList<Identity>? FourEyes = null)
{
    public const string Deciding = "deciding";
    public const string WaitingForApproval = "waiting for approval";
    public const string Baking = "baking";
    public const string WaitingForTraffic = "waiting for traffic";
}
