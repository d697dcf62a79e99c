using System.Globalization;
using Modeldrop.Manifests;
using Modeldrop.Metrics;

namespace Modeldrop.Lifecycle.Validation;

/// <summary>Compares metrics with the manifest's bounds and with the champion's.</summary>
public static class MetricChecks
{
    /// <param name="metrics">The candidate's metrics; null if they could not be computed.</param>
    /// <param name="champion">The champion's metrics on the same rows; null if there is none.</param>
    /// <param name="championVersion">Null: the model has no champion yet.</param>
    /// <param name="differences">By metric, the interval of candidate minus champion, each bound at 95 %; null: not known.</param>
    /// <returns>
    /// A check for every bound of the policy. A bound that cannot be checked fails: a bound in the manifest must not be skipped silently.
    /// </returns>
    public static IReadOnlyList<ValidationCheck> Evaluate(
        ValidationPolicy policy,
        ModelMetrics? metrics,
        ModelMetrics? champion,
        int? championVersion,
        IReadOnlyDictionary<string, MetricInterval>? differences = null)
    {
        List<ValidationCheck> checks = [];
        foreach ((string name, MetricBounds bounds) in policy.Metrics.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (!MetricNames.All.Contains(name))
            {
                checks.Add(
                    new ValidationCheck(
                        $"metric.{name}", CheckVerdict.Failed,
                        $"The manifest bounds '{name}', which is not a metric; the metrics are {string.Join(", ", MetricNames.All)}."));
                continue;
            }

            if (metrics is null || !metrics.Values.TryGetValue(name, out double value))
            {
                checks.Add(
                    new ValidationCheck(
                        $"metric.{name}", CheckVerdict.Failed, $"The manifest bounds {name}, but it could not be computed.",
                        Details: metrics?.Notes));
                continue;
            }

            if (bounds.Min is { } min)
            {
                checks.Add(
                    Check(
                        $"metric.{name}.min", value >= min, value, min,
                        $"{name} {Shown(value, min)} is {(value >= min ? "not " : "")}below {Shown(min, value)}, the least that is "
                            + $"allowed."));
            }

            if (bounds.Max is { } max)
            {
                checks.Add(
                    Check(
                        $"metric.{name}.max", value <= max, value, max,
                        $"{name} {Shown(value, max)} is {(value <= max ? "not " : "")}above {Shown(max, value)}, the most that is "
                            + $"allowed."));
            }

            if (bounds.MaxDropFromChampion is { } allowed)
            {
                checks.Add(AgainstChampion(
                    name, metrics, allowed, champion, championVersion, differences?.GetValueOrDefault(name)));
            }
        }

        return checks;
    }

    private static ValidationCheck AgainstChampion(
        string name, ModelMetrics metrics, double allowed, ModelMetrics? champion, int? version, MetricInterval? difference)
    {
        double value = metrics.Values[name];
        int rows = metrics.RowsOf(name);
        string check = $"metric.{name}.champion";
        if (version is null)
        {
            return new ValidationCheck(check, CheckVerdict.Skipped, $"{name} is not compared: there is no champion yet.", value, allowed);
        }

        if (champion is null || !champion.Values.TryGetValue(name, out double before))
        {
            return new ValidationCheck(
                check, CheckVerdict.Failed,
                $"{name} cannot be compared with the champion's (version {version}), because the latter could not be "
                    + "computed on these rows.",
                value, allowed, champion?.Notes);
        }

        if (champion.RowsOf(name) != rows)
        {
            return new ValidationCheck(
                check, CheckVerdict.Failed,
                string.Create(CultureInfo.InvariantCulture,
                    $"{name} cannot be compared with the champion's (version {version}): of the labels, {rows:N0} are classes or values "
                        + $"of this version, and {champion.RowsOf(name):N0} of the champion."),
                value, allowed, champion.Notes);
        }

        bool lowerIsBetter = MetricNames.IsLowerBetter(name);
        double drop = lowerIsBetter ? value - before : before - value;
        // A rounding difference does not count as a drop.
        bool allows = drop <= allowed + (1e-12 * Math.Max(1, Math.Abs(before)));
        bool isNoise = difference is { Low: <= 0, High: >= 0 };
        string distance = drop == 0 ? "the same as" : $"{Shown(Math.Abs(drop), allowed)} {(value < before ? "below" : "above")}";
        string text =
            $"{name} {Shown(value, before)} is {distance} the champion's {Shown(before, value)} (version {version}) on the same "
                + $"{rows.ToString("N0", CultureInfo.InvariantCulture)} rows";
        string between = difference is { } interval
            ? string.Create(
                CultureInfo.InvariantCulture,
                $" (difference {interval.Low:+0.0000;-0.0000;0} to {interval.High:+0.0000;-0.0000;0} at 95 % each)")
            : "";
        string meaning = drop == 0 ? ""
            : isNoise ? ", which is within the noise of these rows"
            : drop > 0 ? $"; at most {allowed.ToString("0.######", CultureInfo.InvariantCulture)} is allowed" : ", which is better";
        return Check(check, allows || isNoise, value, lowerIsBetter ? before + allowed : before - allowed, $"{text}{between}{meaning}.");
    }

    private static ValidationCheck Check(string name, bool passed, double figure, double threshold, string explanation) =>
        new(name, passed ? CheckVerdict.Passed : CheckVerdict.Failed, explanation, figure, threshold);

    /// <summary>Shows four decimals, or more if the number could otherwise not be distinguished from <paramref name="other"/>.</summary>
    private static string Shown(double value, double other)
    {
        string text = value.ToString("0.0000", CultureInfo.InvariantCulture);
        return Math.Abs(value - other) > 1e-9 && text == other.ToString("0.0000", CultureInfo.InvariantCulture)
            ? value.ToString("0.########", CultureInfo.InvariantCulture)
            : text;
    }
}
