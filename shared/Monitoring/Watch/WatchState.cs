namespace Modeldrop.Monitoring.Watch;

/// <summary>A watched feature.</summary>
/// <param name="LogEvidence">Natural logarithm of the evidence against "no drift" since the watch began.</param>
/// <param name="Alarmed">
/// Start of the hour at which the evidence first sufficed and the difference mattered; null: it has not, or the alarm is over.
/// </param>
public sealed record WatchedFeature(string Name, bool IsOutput, double LogEvidence, DateTimeOffset? Alarmed)
{
    /// <summary>The hour that explains the evidence best as the first hour of the change; null without an alarm.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>
    /// Jensen-Shannon distance between the last day and the expectation for its hours, without the part that chance adds; null until a
    /// whole week has been seen.
    /// </summary>
    public double? Distance { get; init; }

    /// <summary>
    /// How many times more than independent rows the hours and days vary beyond the weekly pattern. Evidence is divided by it. Null until a
    /// whole week has been seen.
    /// </summary>
    public double? Noise { get; init; }
}

/// <summary>
/// The result of the hourly looks so far. The chance of any alarm without drift is <see cref="Significance"/>, over all looks together.
/// </summary>
/// <param name="Since">The first hour that counts.</param>
/// <param name="Through">The end of the last hour.</param>
/// <param name="NeededLogEvidence">Required of one feature alone; several together need less.</param>
public sealed record WatchState(
    DateTimeOffset Since,
    DateTimeOffset Through,
    long Rows,
    double Significance,
    double NeededLogEvidence,
    IReadOnlyList<WatchedFeature> Features)
{
    /// <summary>
    /// Whether a whole week has been seen, so that an hour is compared with the same hour of the week. Before that, an alarm is raised only
    /// by values that no week like the reference could contain.
    /// </summary>
    public bool IsSeasonKnown { get; init; }

    /// <summary>When a whole week will have been seen, if traffic continues.</summary>
    public DateTimeOffset? SeasonKnownFrom { get; init; }

    /// <summary>What the watch waits for, in one sentence; null when it does not wait.</summary>
    public string? Waiting => IsSeasonKnown ? null : FormattableString.Invariant(
        $"The watch is learning the first week of traffic: {Rows} rows so far. From {SeasonKnownFrom:yyyy-MM-dd HH:mm}Z on {Then}");

    private const string Then =
        "an hour is compared with the same hour of the week; until then, only values that cannot occur in a week like the reference raise "
        + "an alarm.";

    public bool HasAlarm => Features.Any(feature => feature.Alarmed is not null);
}
