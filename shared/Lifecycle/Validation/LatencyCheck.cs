using System.Globalization;
using Modeldrop.Probe;

namespace Modeldrop.Lifecycle.Validation;

/// <summary>Compares the latency of single rows with the manifest's limit.</summary>
internal static class LatencyCheck
{
    public static ValidationCheck Decide(double? limit, LatencyFigures? latency, LatencyFigures? champion)
    {
        const string Name = "latency_p95";
        if (latency is null)
        {
            return limit is null
                ? new ValidationCheck(Name, CheckVerdict.Skipped, "There are no rows to time.")
                : new ValidationCheck(
                    Name, CheckVerdict.Failed,
                    "The manifest limits the latency, but there are no rows to time: a validation or reference file is needed.",
                    Threshold: limit);
        }

        string text = string.Create(
            CultureInfo.InvariantCulture,
            $"Of {latency.Runs:N0} single rows, half took at most {latency.P50Ms:0.000} ms, 95 % at most {latency.P95Ms:0.000} ms and 99 "
                + $"% at most {latency.P99Ms:0.000} ms");
        text += champion is null
            ? ""
            : string.Create(
                CultureInfo.InvariantCulture,
                $" (the champion's: {champion.P50Ms:0.000}, {champion.P95Ms:0.000} and {champion.P99Ms:0.000} ms)");
        return limit is not { } bound ? new ValidationCheck(Name, CheckVerdict.Noted, $"{text}.", latency.P95Ms)
            : new ValidationCheck(
                Name, latency.P95Ms <= bound ? CheckVerdict.Passed : CheckVerdict.Failed,
                string.Create(CultureInfo.InvariantCulture, $"{text}; {bound:0.###} ms are allowed."), latency.P95Ms, bound);
    }
}
