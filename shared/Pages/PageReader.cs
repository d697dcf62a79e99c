namespace Modeldrop.Pages;

/// <summary>Who reads a page. <see cref="HtmlPage"/> hands it to every component of the page.</summary>
/// <param name="Name">As the audit trail names them.</param>
/// <param name="Csrf">
/// What requests that change something carry as <c>X-Modeldrop-Csrf</c>, or as the field <c>csrf</c> of a form; null: they need nothing.
/// </param>
/// <param name="CanSignOut">Whether there is a session to end.</param>
public sealed record PageReader(string Name, string? Csrf, bool CanSignOut);
