using System.Text;
using System.Text.RegularExpressions;
using Modeldrop.Standalone.Durable;

namespace Modeldrop.Tests.Acceptance.Crash;

/// <summary>Tells the writes of a scenario from reads and from what a host and its log write by themselves.</summary>
internal static partial class StorageWrite
{
    private const string Account = "/devstoreaccount1/";

    /// <summary>The leader's lease and the timers' status; what was scored, and how far it is counted.</summary>
    private static readonly string[] Background = ["standalone-hosts", "predictions", "ModeldropPredictions", "ModeldropProfiles"];

    /// <summary>
    /// The engine's own queues, tables and containers. It writes leases and partitions by its own clock, so a sweep over them would not
    /// end; what is swept is the product's writes.
    /// </summary>
    private static readonly string Engine = new DurableOptions().HubName;

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
        if (IsBackground(resource))
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

        return IsBackground(table) ? null : $"transaction of {rows.Count} in {table}";
    }

    private static bool IsBackground(string resource) =>
        Background.Contains(resource) || resource.StartsWith(Engine, StringComparison.OrdinalIgnoreCase);

    private static bool IsTable(string resource) => char.IsAsciiLetterUpper(resource[0]);

    [GeneratedRegex(@"^[A-Za-z0-9-]+")]
    private static partial Regex Resource();

    [GeneratedRegex(@"(?<=[?&])comp=[a-z]+")]
    private static partial Regex Operation();

    [GeneratedRegex(@"^(POST|PUT|MERGE|PATCH|DELETE) https?://[^/]+/[^/]+/([A-Za-z0-9]+)", RegexOptions.Multiline)]
    private static partial Regex BatchRow();
}
