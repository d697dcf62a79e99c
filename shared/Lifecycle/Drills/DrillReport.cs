using System.Text.Json.Serialization;
using Modeldrop.Manifests;
using Modeldrop.Names;

namespace Modeldrop.Lifecycle.Drills;

/// <summary>What a version's monitoring would have done on its own traffic: <c>drill.json</c> of the version.</summary>
/// <param name="Seconds">That it took.</param>
/// <param name="Summary">What an operator reads before a roll back is left to monitoring.</param>
/// <param name="Drift">Null: the log has too little traffic, and a note says so.</param>
/// <param name="Labels">Null: too few windows have labels, and a note says so.</param>
public sealed record DrillReport(
    ModelName Model, int Version, DateTimeOffset RanAt, double Seconds, string Summary, DrillSettings Settings, DriftDrillResult? Drift,
    LabelDrillResult? Labels, IReadOnlyList<string> Notes, long Transactions);

/// <summary>The settings that were tried.</summary>
/// <param name="Significance">Stated chance of a false alarm in four weeks.</param>
/// <param name="WindowHours">Length of a window.</param>
public sealed record DrillSettings(
    double Significance, double MinimumDistance, string Baseline, DriftAction OnDrift, DriftAction OnDegraded, double WindowHours);

/// <summary>Alarms in streams of four weeks that are made of whole days of the log.</summary>
/// <param name="Days">Different days of the log that the streams are made of.</param>
/// <param name="Streams">Of unchanged traffic.</param>
/// <param name="Alarms">Streams with an alarm of the watch, which <c>onDrift</c> follows.</param>
/// <param name="QualityAlarms">Streams with an alert on data quality in a day's last hour.</param>
public sealed record DriftDrillResult(
    DateTimeOffset From, DateTimeOffset To, int Days, long Rows, int Streams, int Alarms, int QualityAlarms,
    IReadOnlyList<ChangeDrillResult> Changes)
{
    /// <summary>Upper end of the exact 95 % interval of the share of streams with an alarm.</summary>
    public required double AlarmsAtMost { get; init; }
}

/// <summary>How soon a change of one input is seen; it begins after two weeks of a stream.</summary>
/// <param name="Streams">In which it was tried, each with an input drawn by chance; 0: no input can change like this.</param>
/// <param name="Drift">Alarms of the watch.</param>
/// <param name="Quality">Alerts on data quality.</param>
public sealed record ChangeDrillResult(
    DrillChange Change, string Description, IReadOnlyList<string> Inputs, int Streams, Delays Drift, Delays Quality);

/// <summary>Hours, or windows, until something was seen.</summary>
/// <param name="Seen">How often it was.</param>
/// <param name="Median">Over all tries; null: it was seen in fewer than half of them.</param>
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

/// <summary>Alarms of degradation in four weeks that are drawn from the log's labelled windows.</summary>
/// <param name="Windows">With labels enough to be judged.</param>
/// <param name="WindowsOfFourWeeks">That a stream has.</param>
/// <param name="Alarms">Of <paramref name="Streams"/> of unchanged windows.</param>
/// <param name="FlippedShare">Share of labels that are made wrong.</param>
/// <param name="Flipped">Windows until that is seen.</param>
public sealed record LabelDrillResult(
    DateTimeOffset From, DateTimeOffset To, int Windows, int WindowsOfFourWeeks, int Streams, int Alarms, double FlippedShare,
    Delays Flipped);
