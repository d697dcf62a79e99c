using System.Text.Json.Serialization;
using Modeldrop.Manifests;
using Modeldrop.Names;

namespace Modeldrop.Lifecycle.Drills;

/// <summary>How a version's monitoring would have behaved on its own traffic: <c>drill.json</c> of the version.</summary>
/// <param name="Seconds">Seconds that the drill took.</param>
/// <param name="Summary">The sentences that an operator reads before roll backs are left to monitoring.</param>
/// <param name="Drift">Null: the log has too little traffic, and a note says so.</param>
/// <param name="Labels">Null: too few windows have labels, and a note says so.</param>
public sealed record DrillReport(
    ModelName Model, int Version, DateTimeOffset RanAt, double Seconds, string Summary, DrillSettings Settings, DriftDrillResult? Drift,
    LabelDrillResult? Labels, IReadOnlyList<string> Notes, long Transactions);

/// <summary>The settings under test.</summary>
/// <param name="Significance">The configured chance of a false alarm in four weeks.</param>
/// <param name="WindowHours">Length of a window.</param>
public sealed record DrillSettings(
    double Significance, double MinimumDistance, string Baseline, DriftAction OnDrift, DriftAction OnDegraded, double WindowHours);

/// <summary>Alarms in streams of four weeks, built from whole days of the log.</summary>
/// <param name="Days">Number of different days of the log that the streams are built from.</param>
/// <param name="Streams">Number of streams of unchanged traffic.</param>
/// <param name="Alarms">Streams with an alarm of the watch, which starts <c>onDrift</c>.</param>
/// <param name="QualityAlarms">Streams with a data quality alert in a day's last hour.</param>
public sealed record DriftDrillResult(
    DateTimeOffset From, DateTimeOffset To, int Days, long Rows, int Streams, int Alarms, int QualityAlarms,
    IReadOnlyList<ChangeDrillResult> Changes)
{
    /// <summary>Upper end of the exact 95 % interval for the share of streams with an alarm.</summary>
    public required double AlarmsAtMost { get; init; }
}

/// <summary>How soon a change of one input is seen. The change begins after two weeks of a stream.</summary>
/// <param name="Streams">Number of streams with the change, each in an input drawn at random; 0: no input can change like this.</param>
/// <param name="Drift">Delays of the watch's alarms.</param>
/// <param name="Quality">Delays of the data quality alerts.</param>
public sealed record ChangeDrillResult(
    DrillChange Change, string Description, IReadOnlyList<string> Inputs, int Streams, Delays Drift, Delays Quality);

/// <summary>Hours, or windows, until a change was seen.</summary>
/// <param name="Seen">In how many tries it was seen.</param>
/// <param name="Median">Median over all tries; null if fewer than half saw the change.</param>
public sealed record Delays(int Seen, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Median)
{
    /// <param name="delays">Null: not seen.</param>
    public static Delays Of(IReadOnlyList<int?> delays)
    {
        int[] seen = [.. delays.Where(delay => delay is not null).Select(delay => delay!.Value).Order()];
        int middle = (delays.Count - 1) / 2;
        return new Delays(seen.Length, delays.Count > 0 && middle < seen.Length ? seen[middle] : null);
    }
}

/// <summary>Alarms about degradation in periods of four weeks drawn from the log's labelled windows.</summary>
/// <param name="Windows">Windows with enough labels to be judged.</param>
/// <param name="WindowsOfFourWeeks">Windows in a stream.</param>
/// <param name="Alarms">How many of <paramref name="Streams"/> of unchanged windows raised an alarm.</param>
/// <param name="FlippedShare">Share of labels that the change makes wrong.</param>
/// <param name="Flipped">Windows until the wrong labels are seen.</param>
public sealed record LabelDrillResult(
    DateTimeOffset From, DateTimeOffset To, int Windows, int WindowsOfFourWeeks, int Streams, int Alarms, double FlippedShare,
    Delays Flipped);
