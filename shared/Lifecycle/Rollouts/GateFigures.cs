using Modeldrop.Routing;

namespace Modeldrop.Lifecycle.Rollouts;

/// <summary>How far the candidate's answers are from the champion's, each on its own share of the same traffic.</summary>
/// <param name="Name">What was compared: <c>answers</c>, or a class's <c>probability</c>.</param>
/// <param name="Distance">Total variation, 0 to 1: the share of answers that moved.</param>
/// <param name="PValue">Probability of a distance this large between equal models.</param>
public sealed record OutputShift(string Name, long ChampionRows, long CandidateRows, double Distance, double PValue);

/// <summary>How much worse the candidate's answers were than the champion's, on rows whose labels are known.</summary>
/// <param name="Name"><c>accuracy</c>, <c>roc_auc</c> or <c>mae</c>.</param>
/// <param name="ChampionLabels">Labelled rows.</param>
/// <param name="Drop">Drop from champion to candidate, in the metric's unit; negative: the candidate is better.</param>
/// <param name="Allowed">The largest drop that is acceptable.</param>
/// <param name="PValue">Probability of a drop this large between equal models, one-sided.</param>
public sealed record FeedbackDrop(
    string Name, long ChampionLabels, long CandidateLabels, double Champion, double Candidate, double Drop, double Allowed, double PValue);

/// <summary>The figures of a rollout on which its gate decides.</summary>
/// <param name="Outputs">Empty while the log has too few rows of either version.</param>
/// <param name="Feedback">Empty if either version has too few labels.</param>
public sealed record GateFigures(
    VersionCounts Champion, VersionCounts Candidate, IReadOnlyList<OutputShift> Outputs, IReadOnlyList<FeedbackDrop>? Feedback = null);
