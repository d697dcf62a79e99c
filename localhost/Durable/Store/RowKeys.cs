using System.Globalization;

namespace Modeldrop.LocalHost.Durable.Store;

/// <summary>Row keys of an instance's partition: history (<c>h|…</c>), the instance (<c>i</c>), messages to it (<c>m|…</c>).</summary>
internal static class RowKeys
{
    public const string Instance = "i";

    /// <summary>Messages lie between these.</summary>
    public const string FirstMessage = "m|";
    public const string AfterMessages = "m}";

    /// <summary>Histories of all runs lie between these.</summary>
    public const string FirstHistory = "h|";
    public const string AfterHistories = "h}";

    /// <summary>An event of a run. No two runs share a key, so that what remains of one can never be taken for another's.</summary>
    public static string History(string execution, int number) => string.Create(CultureInfo.InvariantCulture, $"h|{execution}|{number:D8}");

    /// <summary>Messages are taken in the order of their keys: of time, then of the sender's own order.</summary>
    public static string Message(DateTimeOffset at, int order, string id) =>
        string.Create(CultureInfo.InvariantCulture, $"m|{at.UtcTicks:D19}|{order:D8}|{id}");

    public static DateTimeOffset MessageTime(string rowKey) =>
        new(long.Parse(rowKey.AsSpan(2, 19), CultureInfo.InvariantCulture), TimeSpan.Zero);

    /// <returns>The event's place in the run's history; null: the row is none of the run's events.</returns>
    public static int? HistoryNumber(string rowKey, string execution) =>
        rowKey.Length == FirstHistory.Length + execution.Length + 9
        && rowKey.AsSpan(FirstHistory.Length).StartsWith(execution, StringComparison.Ordinal)
            ? int.Parse(rowKey.AsSpan(rowKey.Length - 8), CultureInfo.InvariantCulture)
            : null;
}
