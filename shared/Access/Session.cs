namespace Modeldrop.Access;

/// <summary>A browser that is signed in.</summary>
/// <param name="Csrf">What a request of its pages must carry when it changes something: no other site can know it.</param>
public sealed record Session(Principal Principal, string Csrf);
