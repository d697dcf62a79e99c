namespace Modeldrop.Monitoring.Watch;

/// <summary>A feature under watch.</summary>
/// <param name="LogEvidence">Natural logarithm of the evidence against "no drift" since the watch began.</param>
/// <param name="Alarmed">Start of the hour with which it first sufficed, and the difference mattered; null: it has not, or the alarm is
/// over.</param>
public sealed record WatchedFeature(string Name, bool IsOutput, double LogEvidence, DateTimeOffset? Alarmed)
{
    /// <summary>The hour that explains the evidence best as the change's first; null without an alarm.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Jensen-Shannon distance of the last day from what its hours should look like, without what chance adds; null until a
    /// whole week has been seen.</summary>
    public double? Distance { get; init; }

    /// <summary>How many times more than independent rows the hours and days vary beyond the weekly pattern; evidence is divided by it.
    /// Null until a whole week has been seen.</summary>
    public double? Noise { get; init; }
}

/// <summary>What the hourly looks have come to. The chance of any alarm without drift is <see cref="Significance"/>, for all looks
/// together.</summary>
/// <param name="Since">The first hour that counts.</param>
/// <param name="Through">Behind the last one.</param>
/// <param name="NeededLogEvidence">Of one feature alone; less of several together.</param>
public sealed record WatchState(
    DateTimeOffset Since, DateTimeOffset Through, long Rows, double Significance, double NeededLogEvidence,
        IReadOnlyList<WatchedFeature> Features)
{
    /// <summary>A whole week has been seen, so that an hour is compared with the same hour of the week; before, only what no week like the
    /// reference could contain is an alarm.</summary>
    public bool IsSeasonKnown { get; init; }

    /// <summary>When a whole week has been seen, with traffic going on.</summary>
    public DateTimeOffset? SeasonKnownFrom { get; init; }

    /// <summary>What it waits for, in a sentence; null when it waits for nothing.</summary>
    public string? Waiting => IsSeasonKnown ? null : FormattableString.Invariant(
        $"The first week of traffic is learned: {Rows} rows so far. From {SeasonKnownFrom:yyyy-MM-dd HH:mm}Z on {Then}");

    private const string Then =
        "an hour is compared with the same hour of the week; until then only what no week like the reference could contain is an alarm.";

    public bool HasAlarm => Features.Any(feature => feature.Alarmed is not null);
}
