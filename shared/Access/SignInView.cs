namespace Modeldrop.Access;

/// <summary>What the page to sign in shows.</summary>
/// <param name="To">Where the reader goes then: a path of this app.</param>
/// <param name="Once">The code of a one-time link; null: a key is asked for.</param>
/// <param name="Message">Why the last try failed; null: there was none.</param>
/// <param name="EntraAddress">Where a sign-in with Entra ID begins; null: it is not set up.</param>
public sealed record SignInView(string To, string? Once, string? Message, string? EntraAddress);
