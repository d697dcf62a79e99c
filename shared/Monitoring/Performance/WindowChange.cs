namespace Modeldrop.Monitoring.Performance;

/// <summary>A kind of change between the validation and a window.</summary>
public enum ChangeKind
{
    /// <summary>The inputs have a different distribution.</summary>
    InputDrift,

    /// <summary>The answers have a different distribution.</summary>
    PredictionDrift,

    /// <summary>The arriving labels have a different distribution.</summary>
    TargetDrift,

    /// <summary>The answers indicate a different mix of classes; this needs no labels.</summary>
    LabelShift,

    /// <summary>Rows with similar answers have different outcomes than before.</summary>
    ConceptDrift,
}

public enum ChangeState
{
    Unchanged,

    Changed,

    /// <summary>The change cannot be determined; the summary gives the reason.</summary>
    Unknown,
}

/// <summary>The share of one label, before and now.</summary>
/// <param name="Before">Share of the validation's labels, 0 to 1.</param>
/// <param name="Low">Lower 95 % bound of <paramref name="Now"/>; null when the share is counted, not estimated.</param>
public sealed record LabelShare(string Label, double Before, double Now, double? Low = null, double? High = null);

/// <summary>Whether something has changed from the validation to a window.</summary>
/// <param name="Summary">One sentence for people.</param>
/// <param name="PValue">
/// The chance of such a window without a change, before it is shared among windows and kinds. Null for <see cref="ChangeKind.InputDrift"/>
/// and <see cref="ChangeKind.PredictionDrift"/>, whose drift report has one p-value per feature, and when it is unknown.
/// </param>
/// <param name="Rows">Number of rows examined.</param>
/// <param name="Shares">Shares of the labels; null for other kinds.</param>
/// <param name="Distance">For inputs or answers: the largest Jensen-Shannon distance of a feature, 0 to 1.</param>
public sealed record WindowChange(
    ChangeKind Kind,
    ChangeState State,
    string Summary,
    double? PValue = null,
    long Rows = 0,
    IReadOnlyList<LabelShare>? Shares = null,
    double? Distance = null);
