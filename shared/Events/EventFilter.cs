using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Events;

/// <summary>Which events somebody wants.</summary>
/// <param name="Models">Names; empty: of all models, and refused drops that belong to none.</param>
/// <param name="Types">Of <see cref="EventType.All"/>; empty: all.</param>
public sealed record EventFilter(IReadOnlyList<string> Models, IReadOnlyList<string> Types)
{
    /// <summary>Which models the reader may see; null: all of them.</summary>
    public Func<ModelName, bool>? Sees { get; init; }

    public bool Takes(FeedEntry entry) =>
        (Models.Count == 0 || Models.Contains(entry.Model.Value, StringComparer.Ordinal))
            && (Types.Count == 0 || Types.Contains(EventType.Of(entry.Event), StringComparer.Ordinal))
            && Sees?.Invoke(entry.Model) != false;
}
