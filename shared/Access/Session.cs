namespace Modeldrop.Access;

/// <summary>A signed-in browser.</summary>
/// <param name="Csrf">The token that requests from its pages must send to change something; other sites cannot know it.</param>
public sealed record Session(Principal Principal, string Csrf);
