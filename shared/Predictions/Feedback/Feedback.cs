namespace Modeldrop.Predictions.Feedback;

/// <summary>What turned out to be true of a prediction.</summary>
/// <param name="Labels">One for each row of the request, as text: <c>1</c>, <c>true</c>, <c>Adelie</c>, <c>3.5</c>.</param>
public sealed record FeedbackEntry(PredictionId Id, IReadOnlyList<string> Labels);

/// <summary>An entry as it is stored; a correction is a further one.</summary>
/// <param name="ReceivedAt">When it came; the last one counts.</param>
public sealed record StoredFeedback(PredictionId Id, IReadOnlyList<string> Labels, DateTimeOffset ReceivedAt, string Actor);

/// <summary>What is wrong with a line of feedback.</summary>
/// <param name="Line">Counted from 1; of a JSON array the element.</param>
public sealed record FeedbackViolation(int Line, string Detail);

/// <summary>What came of feedback.</summary>
/// <param name="Stored">New labels and corrections.</param>
/// <param name="Unchanged">That said what was known already.</param>
/// <param name="Rejected">Lines that could not be taken; the others were.</param>
public sealed record FeedbackResult(int Stored, int Unchanged, IReadOnlyList<FeedbackViolation> Rejected);
