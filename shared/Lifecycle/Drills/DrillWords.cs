using System.Globalization;
using Modeldrop.Manifests;

namespace Modeldrop.Lifecycle.Drills;

/// <summary>Describes a drill in a few sentences.</summary>
internal static class DrillWords
{
    public static string Summarise(DriftDrillResult? drift, LabelDrillResult? labels, MonitoringPolicy policy) =>
        string.Join(" ", [.. Drift(drift, policy.OnDrift), .. Labels(labels, policy.OnDegraded)]);

    /// <summary>The kind of message that saw the change more often, with its delays.</summary>
    public static (string Kind, Delays Delays) SeenBy(ChangeDrillResult change) => change.Quality.Seen > change.Drift.Seen
        ? ("a data quality alert", change.Quality)
        : ("a drift alarm", change.Drift);

    private static IEnumerable<string> Drift(DriftDrillResult? result, DriftAction action)
    {
        if (result is null)
        {
            yield return "Drift detection could not be tested.";
            yield break;
        }

        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"Of {result.Streams} streams of four weeks of unchanged traffic, {result.Alarms} raised a drift alarm "
            + $"(with 95 % confidence, at most {result.AlarmsAtMost:P0} of such months do).");
        if (result.Alarms > 0 && action == DriftAction.Rollback)
        {
            yield return "Each of them would have caused a roll back.";
        }

        foreach (ChangeDrillResult change in result.Changes.Where(change => change.Streams > 0))
        {
            yield return $"One input, {change.Description}: {Seen(change)}.";
        }
    }

    private static string Seen(ChangeDrillResult change)
    {
        (string kind, Delays delays) = SeenBy(change);
        return delays.Seen == 0 ? $"not seen in {change.Streams} tries"
            : delays.Median is { } median ? $"{kind} in {delays.Seen} of {change.Streams} tries, in half of all tries within {median} h"
            : $"{kind} in {delays.Seen} of {change.Streams} tries";
    }

    private static IEnumerable<string> Labels(LabelDrillResult? result, DriftAction action)
    {
        if (result is null)
        {
            yield return "Degradation detection could not be tested.";
            yield break;
        }

        string follows = action == DriftAction.Rollback && result.Alarms > 0 ? ", each a roll back" : "";
        string half = result.Flipped.Median is { } median
            ? $", in half of all tries within {median} {(median == 1 ? "window" : "windows")}"
            : "";
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"Degradation: {(double)result.Alarms / result.Streams:P1} of months of labelled windows raised an alarm{follows}; "
            + $"{result.FlippedShare:P0} of wrong labels were detected in {(double)result.Flipped.Seen / result.Streams:P0} of "
            + $"tries{half}.");
    }
}
