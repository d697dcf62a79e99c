using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Events;

/// <summary>Selects events.</summary>
/// <param name="Models">Model names; empty: all models, and refused drops that belong to no model.</param>
/// <param name="Types">Types from <see cref="EventType.All"/>; empty: all.</param>
public sealed record EventFilter(IReadOnlyList<string> Models, IReadOnlyList<string> Types)
{
    /// <summary>Which models the reader may see; null: all of them.</summary>
    public Func<ModelName, bool>? Sees { get; init; }

    public bool Takes(FeedEntry entry) =>
        (Models.Count == 0 || Models.Contains(entry.Model.Value, StringComparer.Ordinal))
            && (Types.Count == 0 || Types.Contains(EventType.Of(entry.Event), StringComparer.Ordinal))
            && Sees?.Invoke(entry.Model) != false;
}
