using Modeldrop.Lifecycle.Drills;

namespace Modeldrop.Site.Monitoring;

/// <summary>A version that monitoring has not checked yet.</summary>
public sealed record UncheckedView(string Model, int Version);

/// <summary>The fire drill of a version.</summary>
/// <param name="Report">Null: there was no drill.</param>
public sealed record DrillView(string Model, int Version, DrillReport? Report);
