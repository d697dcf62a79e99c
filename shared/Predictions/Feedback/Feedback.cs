using Modeldrop.Names;
using Modeldrop.Tabular;

namespace Modeldrop.Predictions.Feedback;

/// <summary>What turned out to be true of a prediction.</summary>
/// <param name="Labels">By row of the request, as text: <c>1</c>, <c>true</c>, <c>Adelie</c>, <c>3.5</c>, and <c>[1,0,1]</c> of a
/// multi-label model; null: not known.</param>
/// <param name="IsWhole">There is one for each row. False: rows were named one by one, and what is known of the others stays.</param>
/// <param name="Lines">Of the body, that said it.</param>
public sealed record FeedbackEntry(PredictionId Id, IReadOnlyList<string?> Labels, bool IsWhole = true, int Lines = 1)
{
    /// <summary>Whether a request of that many rows can have these labels.</summary>
    public bool Fits(int rows) => IsWhole ? Labels.Count == rows : Labels.Count <= rows;
}

/// <summary>An entry as it is stored; a correction is a further one.</summary>
/// <param name="ReceivedAt">When it came; the last one counts.</param>
public sealed record StoredFeedback(PredictionId Id, IReadOnlyList<string?> Labels, bool IsWhole, DateTimeOffset ReceivedAt, string Actor)
{
    /// <summary>What is known after a further entry.</summary>
    public StoredFeedback Then(StoredFeedback next) => next.IsWhole ? next : next with
    {
        Labels = [.. Enumerable.Range(0, Math.Max(Labels.Count, next.Labels.Count)).Select(
            row => next.Labels.ElementAtOrDefault(row) ?? Labels.ElementAtOrDefault(row))],
        IsWhole = IsWhole && next.Labels.Count <= Labels.Count,
    };

    /// <summary>One label for each of the request's rows; null when there are labels for another number of rows.</summary>
    public IReadOnlyList<string?>? LabelsOf(int rows) => Labels.Count == rows ? Labels
        : IsWhole || Labels.Count > rows ? null
        : [.. Labels, .. new string?[rows - Labels.Count]];

    /// <summary>Rows that have a label.</summary>
    public int Known => Labels.Count(label => !LabelText.IsMissing(label));
}

/// <summary>What is wrong with a line of feedback.</summary>
/// <param name="Line">Counted from 1; of a JSON array the element.</param>
public sealed record FeedbackViolation(int Line, string Detail);

/// <summary>What came of feedback, in lines.</summary>
/// <param name="Stored">With new labels and corrections.</param>
/// <param name="Unchanged">That said what was known already.</param>
/// <param name="WithoutLabel">Rows, among both, that were said to have no label.</param>
/// <param name="Rejected">Lines that could not be taken; the others were.</param>
public sealed record FeedbackResult(int Stored, int Unchanged, int WithoutLabel, IReadOnlyList<FeedbackViolation> Rejected);
