namespace Modeldrop.Access;

/// <summary>Tokens of Microsoft Entra ID, or of another issuer with an OpenID Connect discovery document.</summary>
public sealed class EntraOptions
{
    /// <summary>The issuer: <c>https://login.microsoftonline.com/&lt;tenant&gt;/v2.0</c>. Empty: no tokens are accepted.</summary>
    public string Authority { get; set; } = "";

    /// <summary>The app's client id, for which tokens are made; <c>api://</c> before it is accepted too.</summary>
    public string Audience { get; set; } = "";

    /// <summary>
    /// The app's client secret, with which people sign in to pages by a redirect to the issuer; its redirect address is
    /// <c>https://&lt;app&gt;/sign-in/entra/back</c>. Empty: no redirect.
    /// </summary>
    public string ClientSecret { get; set; } = "";

    /// <summary>
    /// What app roles and groups allow: <c>&lt;app role or group id&gt;=&lt;role&gt; [&lt;scope&gt; …]; …</c>. App roles that are called as
    /// the app's own roles need no entry.
    /// </summary>
    public string Grants { get; set; } = "";
}
