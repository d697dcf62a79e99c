namespace Modeldrop.Pages;

/// <summary>The reader of a page. <see cref="HtmlPage"/> passes it to every component of the page.</summary>
/// <param name="Name">The name in the audit trail.</param>
/// <param name="Csrf">
/// The token that requests send to change something, as <c>X-Modeldrop-Csrf</c> or as the field <c>csrf</c> of a form; null: none is
/// needed.
/// </param>
/// <param name="CanSignOut">Whether there is a session to end.</param>
public sealed record PageReader(string Name, string? Csrf, bool CanSignOut);
