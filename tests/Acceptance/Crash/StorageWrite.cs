using System.Text;
using System.Text.RegularExpressions;

namespace Modeldrop.Tests.Acceptance.Crash;

/// <summary>Tells the writes of a scenario from reads and from what a host and its log write by themselves.</summary>
internal static partial class StorageWrite
{
    private const string Account = "/devstoreaccount1/";

    /// <summary>The leader's lease and the timers' status; what was scored, and how far it is counted.</summary>
    private static readonly string[] Background = ["localhost-hosts", "predictions", "ModeldropPredictions", "ModeldropProfiles"];

    /// <summary>What the request writes, in words; null when it is none of a scenario's writes.</summary>
    /// <param name="target">Path and query, as in the request's first line.</param>
    public static string? Describe(string method, string target, byte[] body)
    {
        if (method is "GET" or "HEAD" || !target.StartsWith(Account, StringComparison.Ordinal))
        {
            return null;
        }

        string path = target[Account.Length..];
        if (path.StartsWith("$batch", StringComparison.Ordinal))
        {
            return DescribeBatch(Encoding.UTF8.GetString(body));
        }

        string resource = Resource().Match(path).Value;
        if (Background.Contains(resource))
        {
            return null;
        }

        string file = Uri.UnescapeDataString(path.Split('?')[0].Split('/')[^1]);
        string operation = Operation().Match(path) is { Success: true } match ? $" {match.Value}" : "";
        return IsTable(resource) ? $"{method} {resource}" : $"{method} {resource}/…/{file}{operation}";
    }

    private static string? DescribeBatch(string body)
    {
        var rows = BatchRow().Matches(body).Select(row => (Method: row.Groups[1].Value, Table: row.Groups[2].Value)).ToList();
        string table = rows[0].Table;

        // Seconds after a message was sent the leader forgets that it was told of it.
        bool isForgetting = table.EndsWith("DurableWake", StringComparison.Ordinal) && rows.All(row => row.Method == "DELETE");
        return Background.Contains(table) || isForgetting ? null : $"transaction of {rows.Count} in {table}";
    }

    private static bool IsTable(string resource) => char.IsAsciiLetterUpper(resource[0]);

    [GeneratedRegex(@"^[A-Za-z0-9-]+")]
    private static partial Regex Resource();

    [GeneratedRegex(@"(?<=[?&])comp=[a-z]+")]
    private static partial Regex Operation();

    [GeneratedRegex(@"^(POST|PUT|MERGE|PATCH|DELETE) https?://[^/]+/[^/]+/([A-Za-z0-9]+)", RegexOptions.Multiline)]
    private static partial Regex BatchRow();
}
