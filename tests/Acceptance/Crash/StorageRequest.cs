using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace Modeldrop.Tests.Acceptance.Crash;

/// <summary>The services of an account, in the order of a connection string's endpoints.</summary>
internal enum StorageService
{
    Blob,
    Queue,
    Table,
}

/// <summary>A request of the app to the account.</summary>
/// <param name="Target">Path and query, as in the request's first line.</param>
internal sealed partial record StorageRequest(StorageService Service, string Target, byte[] Body, HttpContext Context)
{
    private const string Account = "/devstoreaccount1/";

    public string Method => Context.Request.Method;

    /// <summary>Path and query without the account's name.</summary>
    public string Path => Target.StartsWith(Account, StringComparison.Ordinal) ? Target[Account.Length..] : "";

    /// <summary>The rows of a transaction; empty for every other request.</summary>
    public IReadOnlyList<(string Method, string Table)> Rows { get; } = Target.StartsWith($"{Account}$batch", StringComparison.Ordinal)
        ? [.. BatchRow().Matches(Encoding.UTF8.GetString(Body)).Select(row => (row.Groups[1].Value, row.Groups[2].Value))]
        : [];

    /// <summary>Container, queue or table; empty for the account itself.</summary>
    public string Resource => Rows is [var row, ..] ? row.Table : FirstName().Match(Path).Value;

    /// <summary>The query's <c>comp</c>; null when it has none.</summary>
    public string? Operation => Comp().Match(Path) is { Success: true } match ? match.Value : null;

    [GeneratedRegex(@"^(POST|PUT|MERGE|PATCH|DELETE) https?://[^/]+/[^/]+/([A-Za-z0-9]+)", RegexOptions.Multiline)]
    private static partial Regex BatchRow();

    [GeneratedRegex("^[A-Za-z0-9-]+")]
    private static partial Regex FirstName();

    [GeneratedRegex("(?<=[?&]comp=)[a-z]+")]
    private static partial Regex Comp();
}
