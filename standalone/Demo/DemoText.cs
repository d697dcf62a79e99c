using System.Globalization;
using System.Text.Json;

namespace Modeldrop.Standalone.Demo;

/// <summary>The demo's lines on the console.</summary>
internal static class DemoText
{
    public static void Title(string text) => Console.WriteLine($"\n== {text}");

    public static void Say(string text) => Console.WriteLine($"   {text}");

    public static void SayStep(JsonElement step)
    {
        string detail = step.TryGetProperty("detail", out JsonElement text) ? text.GetString()! : "";
        Say($"{step.GetProperty("at").GetDateTime():HH:mm:ss.f}  {step.GetProperty("name").GetString(),-20}  {detail}".TrimEnd());
    }

    public static void SayReasons(JsonElement rejection)
    {
        foreach (JsonElement reason in rejection.GetProperty("reasons").EnumerateArray())
        {
            Say($"  {reason.GetString()}");
        }
    }

    /// <summary>Prints the summary, a line for each feature, and for drifted features the bins that moved most.</summary>
    public static void SayDrift(string window, JsonElement report)
    {
        Say(
            $"{window} ({report.GetProperty("from").GetDateTime():d MMM} to {report.GetProperty("to").GetDateTime():d MMM yyyy}): "
                + $"{report.GetProperty("summary").GetString()}");
        foreach (JsonElement feature in report.GetProperty("features").EnumerateArray())
        {
            bool drifted = feature.GetProperty("drifted").GetBoolean();
            string name = (feature.GetProperty("isOutput").GetBoolean() ? "output " : "") + feature.GetProperty("name").GetString();
            string verdict = feature.TryGetProperty("noVerdict", out JsonElement reason)
                ? reason.GetString()!
                : drifted
                ? "DRIFTED"
                : "stable";
            IEnumerable<string> statistics = feature.GetProperty("statistics").EnumerateArray()
                .Where(statistic => statistic.TryGetProperty("threshold", out _)).Select(Statistic);
            Say($"  {name,-24} {verdict,-8} {string.Join("  ", statistics)}");
            if (drifted)
            {
                SayEvidence(feature, report);
            }
        }
    }

    private static string Statistic(JsonElement statistic) =>
        $"{statistic.GetProperty("name").GetString()} {Number(statistic.GetProperty("value"), "0.000")} (threshold "
            + $"{Number(statistic.GetProperty("threshold"), "0.##")})";

    private static void SayEvidence(JsonElement feature, JsonElement report)
    {
        if (feature.TryGetProperty("adjustedPValue", out JsonElement p))
        {
            Say(
                $"      significance: adjusted p {(p.GetDouble() < 1e-99 ? "below 1e-99" : Number(p, "0.0e0"))}, needed below "
                    + $"{Number(report.GetProperty("significance"), "0.###")}");
        }

        if (feature.TryGetProperty("referenceMean", out JsonElement before) && feature.TryGetProperty("currentMean", out JsonElement now))
        {
            Say($"      mean {Number(before, "0.##")} in the training data, {Number(now, "0.##")} now");
        }

        double reference = feature.GetProperty("referenceCount").GetDouble();
        double current = feature.GetProperty("currentCount").GetDouble();
        HashSet<string?> moved = [.. feature.GetProperty("movedMost").EnumerateArray().Take(3).Select(bin => bin.GetString())];
        foreach (
            JsonElement bin in feature.GetProperty("bins").EnumerateArray()
                .Where(bin => moved.Contains(bin.GetProperty("bin").GetString())))
        {
            Say(
                $"      {bin.GetProperty("bin").GetString(),-24} {Share(bin.GetProperty("reference"), reference)} of the training data, "
                    + $"{Share(bin.GetProperty("current"), current)} now");
        }
    }

    private static string Share(JsonElement count, double total) =>
        (total > 0 ? count.GetDouble() / total : 0).ToString("P1", CultureInfo.InvariantCulture);

    private static string Number(JsonElement value, string format) => value.ValueKind == JsonValueKind.Number
        ? value.GetDouble().ToString(format, CultureInfo.InvariantCulture)
        : value.ToString();
}
