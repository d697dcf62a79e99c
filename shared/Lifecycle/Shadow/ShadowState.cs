using Modeldrop.Lifecycle.Replay;
using Modeldrop.Predictions;
using Modeldrop.Registry;

namespace Modeldrop.Lifecycle.Shadow;

/// <summary>
/// How far a shadow has answered the log, and what came of it: one document, so that a record is counted exactly when the cursor is behind
/// it.
/// </summary>
public sealed record ShadowState
{
    /// <summary>Of the <see cref="ShadowEntry"/> that it belongs to.</summary>
    public required DateTimeOffset Since { get; init; }

    public required LogCursor Cursor { get; init; }

    /// <summary>By the version that has answered the requests.</summary>
    public SortedDictionary<int, ReplaySummary> Against { get; init; } = [];

    /// <summary>When the newest record was received that is counted; null: none is.</summary>
    public DateTimeOffset? Through { get; init; }

    public static ShadowState Begin(ShadowEntry entry) => new() { Since = entry.Since, Cursor = LogCursor.From(entry.From) };

    /// <summary>With what more records gave.</summary>
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
