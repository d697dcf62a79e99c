namespace Modeldrop.Monitoring.Performance;

/// <summary>What can change between the validation and a window.</summary>
public enum ChangeKind
{
    /// <summary>The inputs have another distribution.</summary>
    InputDrift,

    /// <summary>The answers have another distribution.</summary>
    PredictionDrift,

    /// <summary>The labels that came have another distribution.</summary>
    TargetDrift,

    /// <summary>The answers speak for another mix of classes, while no label is needed.</summary>
    LabelShift,

    /// <summary>Rows with like answers turn out otherwise than they did.</summary>
    ConceptDrift,
}

public enum ChangeState
{
    Unchanged,

    Changed,

    /// <summary>It cannot be told; the summary says why.</summary>
    Unknown,
}

/// <summary>The share of one label, before and now.</summary>
/// <param name="Before">Of the validation's labels; 0 to 1.</param>
/// <param name="Low">Of <paramref name="Now"/>, with 95 %; null where it is counted.</param>
public sealed record LabelShare(string Label, double Before, double Now, double? Low = null, double? High = null);

/// <summary>Whether something has changed from the validation to a window.</summary>
/// <param name="Summary">One sentence for people.</param>
/// <param name="PValue">
/// Chance of such a window without a change, before it is shared among windows and kinds; null for <see cref="ChangeKind.InputDrift"/> and
/// <see cref="ChangeKind.PredictionDrift"/>, whose drift report has one a feature, and where it is not known.
/// </param>
/// <param name="Rows">That it was seen on.</param>
/// <param name="Shares">Of the labels; null for other kinds.</param>
/// <param name="Distance">Of inputs or answers: the largest Jensen-Shannon distance of a feature, 0 to 1.</param>
public sealed record WindowChange(
    ChangeKind Kind,
    ChangeState State,
    string Summary,
    double? PValue = null,
    long Rows = 0,
    IReadOnlyList<LabelShare>? Shares = null,
    double? Distance = null);
