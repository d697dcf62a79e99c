using Modeldrop.Registry;

namespace Modeldrop.Site.Models;

/// <summary>A name under which every drop was refused, so that there is no model.</summary>
/// <param name="Events">The last events, newest first.</param>
public sealed record RefusedModel(string Name, IReadOnlyList<RegistryEvent> Events);
