using Modeldrop.Lifecycle.Drills;

namespace Modeldrop.Site.Monitoring;

/// <summary>A version that monitoring has not looked at yet.</summary>
public sealed record UncheckedView(string Model, int Version);

/// <summary>The fire drill of a version.</summary>
/// <param name="Report">Null: there was none.</param>
public sealed record DrillView(string Model, int Version, DrillReport? Report);
