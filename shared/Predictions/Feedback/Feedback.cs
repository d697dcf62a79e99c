using Modeldrop.Names;
using Modeldrop.Tabular;

namespace Modeldrop.Predictions.Feedback;

/// <summary>The true outcome of a prediction.</summary>
/// <param name="Labels">
/// By row of the request, as text: <c>1</c>, <c>true</c>, <c>Adelie</c>, <c>3.5</c>, or <c>[1,0,1]</c> for a multi-label model; null:
/// unknown.
/// </param>
/// <param name="IsWhole">True: there is a label for each row. False: single rows were named, and the labels of the others stay.</param>
/// <param name="Lines">Number of lines in the body that make up the entry.</param>
public sealed record FeedbackEntry(PredictionId Id, IReadOnlyList<string?> Labels, bool IsWhole = true, int Lines = 1)
{
    /// <summary>Whether a request with this number of rows can have these labels.</summary>
    public bool Fits(int rows) => IsWhole ? Labels.Count == rows : Labels.Count <= rows;
}

/// <summary>An entry as stored. A correction is a further entry.</summary>
/// <param name="ReceivedAt">When the entry was received; the latest one counts.</param>
public sealed record StoredFeedback(PredictionId Id, IReadOnlyList<string?> Labels, bool IsWhole, DateTimeOffset ReceivedAt, string Actor)
{
    /// <summary>Merges a later entry.</summary>
    public StoredFeedback Then(StoredFeedback next) => next.IsWhole ? next : next with
    {
        Labels = [.. Enumerable.Range(0, Math.Max(Labels.Count, next.Labels.Count)).Select(
            row => next.Labels.ElementAtOrDefault(row) ?? Labels.ElementAtOrDefault(row))],
        IsWhole = IsWhole && next.Labels.Count <= Labels.Count,
    };

    /// <summary>One label for each of the request's rows; null when the labels are for a different number of rows.</summary>
    public IReadOnlyList<string?>? LabelsOf(int rows) => Labels.Count == rows ? Labels
        : IsWhole || Labels.Count > rows ? null
        : [.. Labels, .. new string?[rows - Labels.Count]];

    /// <summary>Number of rows with a label.</summary>
    public int Known => Labels.Count(label => !LabelText.IsMissing(label));
}

/// <summary>A defect in a line of feedback.</summary>
/// <param name="Line">Counted from 1; for a JSON array, the element.</param>
public sealed record FeedbackViolation(int Line, string Detail);

/// <summary>The result of feedback, in lines.</summary>
/// <param name="Stored">Lines with new labels or corrections.</param>
/// <param name="Unchanged">Lines that repeat what is stored.</param>
/// <param name="WithoutLabel">Rows in these lines that have no label.</param>
/// <param name="Rejected">Invalid lines; the others were accepted.</param>
public sealed record FeedbackResult(int Stored, int Unchanged, int WithoutLabel, IReadOnlyList<FeedbackViolation> Rejected);
