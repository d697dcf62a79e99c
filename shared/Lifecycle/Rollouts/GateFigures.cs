using Modeldrop.Scoring;

namespace Modeldrop.Lifecycle.Rollouts;

/// <summary>How far the candidate's answers are from the champion's, both on their own share of the same traffic.</summary>
/// <param name="Name">What was compared: <c>answers</c>, or a class's <c>probability</c>.</param>
/// <param name="Distance">Total variation, 0 to 1: the share of answers that moved.</param>
/// <param name="PValue">Chance of a distance this large between equal models.</param>
public sealed record OutputShift(string Name, long ChampionRows, long CandidateRows, double Distance, double PValue);

/// <summary>Feedback on the answers of both, where labels have come.</summary>
/// <param name="ChampionRight">Answers that are the label.</param>
public sealed record FeedbackFigures(long ChampionLabels, long ChampionRight, long CandidateLabels, long CandidateRight);

/// <summary>What a gate sees of a rollout.</summary>
/// <param name="Outputs">Empty while the log has too little of either.</param>
/// <param name="Feedback">Null without labels of both.</param>
public sealed record GateFigures(VersionCounts Champion, VersionCounts Candidate, IReadOnlyList<OutputShift> Outputs, FeedbackFigures? Feedback = null);
