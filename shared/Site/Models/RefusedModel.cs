using Modeldrop.Registry;

namespace Modeldrop.Site.Models;

/// <summary>A name under which every drop was refused, so that there is no model.</summary>
/// <param name="Events">Newest first, the last few.</param>
public sealed record RefusedModel(string Name, IReadOnlyList<RegistryEvent> Events);
