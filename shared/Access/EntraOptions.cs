namespace Modeldrop.Access;

/// <summary>Tokens of Microsoft Entra ID, or of another issuer with an OpenID Connect discovery document.</summary>
public sealed class EntraOptions
{
    /// <summary>The issuer: <c>https://login.microsoftonline.com/&lt;tenant&gt;/v2.0</c>. Empty: no tokens are accepted.</summary>
    public string Authority { get; set; } = "";

    /// <summary>
    /// The app's client id, which tokens have as their audience; the form <c>api://&lt;client id&gt;</c> is accepted too.
    /// </summary>
    public string Audience { get; set; } = "";

    /// <summary>
    /// The app's client secret, for signing people in to pages by a redirect to the issuer; the redirect address is
    /// <c>https://&lt;app&gt;/sign-in/entra/back</c>. Empty: no redirect.
    /// </summary>
    public string ClientSecret { get; set; } = "";

    /// <summary>
    /// The roles of app roles and groups: <c>&lt;app role or group id&gt;=&lt;role&gt; [&lt;scope&gt; …]; …</c>. App roles with the names
    /// of the app's own roles need no entry.
    /// </summary>
    public string Grants { get; set; } = "";
}
