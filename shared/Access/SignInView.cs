namespace Modeldrop.Access;

/// <summary>The content of the sign-in page.</summary>
/// <param name="To">The page to open afterwards: a path of this app.</param>
/// <param name="Once">The code of a one-time link; null: the page asks for a key.</param>
/// <param name="Message">Why the last attempt failed; null: there was none.</param>
/// <param name="EntraAddress">The start of a sign-in with Entra ID; null: it is not configured.</param>
public sealed record SignInView(string To, string? Once, string? Message, string? EntraAddress);
