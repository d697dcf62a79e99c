using Modeldrop.Lifecycle.Replay;
using Modeldrop.Predictions;
using Modeldrop.Registry;

namespace Modeldrop.Lifecycle.Shadow;

/// <summary>
/// How far a shadow has answered the log, and the results. Both are one document, so that exactly the records before the cursor are
/// counted.
/// </summary>
public sealed record ShadowState
{
    /// <summary><see cref="ShadowEntry.Since"/> of the entry that the state belongs to.</summary>
    public required DateTimeOffset Since { get; init; }

    public required LogCursor Cursor { get; init; }

    /// <summary>Results by the version that answered the requests.</summary>
    public SortedDictionary<int, ReplaySummary> Against { get; init; } = [];

    /// <summary>When the newest counted record was received; null: none is counted.</summary>
    public DateTimeOffset? Through { get; init; }

    public static ShadowState Begin(ShadowEntry entry) => new() { Since = entry.Since, Cursor = LogCursor.From(entry.From) };

    /// <summary>Returns the state with the results of more records.</summary>
    public ShadowState With(LogCursor cursor, IReadOnlyDictionary<int, ReplaySummary> more, DateTimeOffset? through)
    {
        SortedDictionary<int, ReplaySummary> against = new(Against);
        foreach ((int version, ReplaySummary summary) in more)
        {
            against[version] = against.TryGetValue(version, out ReplaySummary? present)
                ? present.Plus(summary)
                : ReplaySummary.Empty.Plus(summary);
        }

        DateTimeOffset? furthest = through > Through || Through is null ? through ?? Through : Through;
        return this with { Cursor = cursor, Against = against, Through = furthest };
    }
}
