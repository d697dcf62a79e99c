using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using Modeldrop.Access;

namespace Modeldrop.Functions.Access;

/// <summary>
/// Signs people in by a redirect to the issuer and back, with ASP.NET Core's own handler: authorization code with PKCE, state and nonce.
/// </summary>
internal static class EntraSignIn
{
    /// <summary>The address to which the issuer redirects the browser; an app registration must name it.</summary>
    public const string CallbackPath = "/sign-in/entra/back";

    private const string Scheme = "EntraSignIn";

    /// <summary>How long a person may take at the issuer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    public static bool IsSetUp(EntraOptions entra) => entra.ClientSecret.Length > 0;

    public static void AddTo(IServiceCollection services, EntraOptions entra)
    {
        services.AddDataProtection().SetApplicationName("modeldrop");
        services.AddSingleton<IConfigureOptions<KeyManagementOptions>>(provider => new ConfigureOptions<KeyManagementOptions>(
            keys => keys.XmlRepository = provider.GetRequiredService<ProtectionKeyStore>()));
        services.AddSingleton<EntraSignInEvents>();
        services.AddAuthentication().AddOpenIdConnect(Scheme, oidc =>
        {
            oidc.Authority = entra.Authority;
            oidc.RequireHttpsMetadata = !new Uri(entra.Authority).IsLoopback;
            oidc.ClientId = entra.Audience;
            oidc.ClientSecret = entra.ClientSecret;
            oidc.CallbackPath = CallbackPath;
            oidc.ResponseType = OpenIdConnectResponseType.Code;

            // A form posted from another site would need cookies that every site can send along.
            oidc.ResponseMode = OpenIdConnectResponseMode.Query;
            oidc.CorrelationCookie.SameSite = SameSiteMode.Lax;
            oidc.NonceCookie.SameSite = SameSiteMode.Lax;
            oidc.CorrelationCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            oidc.NonceCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            oidc.RemoteAuthenticationTimeout = Patience;
            oidc.ProtocolValidator.NonceLifetime = Patience;

            // Only a sign-in: the session is the app's own, and the tokens are discarded.
            oidc.SignInScheme = Scheme + "Session";
            oidc.SaveTokens = false;
            oidc.MapInboundClaims = false;
            oidc.TokenValidationParameters.ValidAlgorithms =
                [SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.EcdsaSha256];
            oidc.EventsType = typeof(EntraSignInEvents);
        });
    }

    /// <summary>Redirects the browser to the issuer.</summary>
    /// <param name="to">The page to open afterwards: a path of this app.</param>
    public static Task BeginAsync(HttpContext http, string to) =>
        http.ChallengeAsync(Scheme, new AuthenticationProperties { RedirectUri = to });

    /// <summary>Handles the issuer's redirect; <see cref="EntraSignInEvents"/> writes the answer.</summary>
    public static async Task EndAsync(HttpContext http)
    {
        var handlers = http.RequestServices.GetRequiredService<IAuthenticationHandlerProvider>();
        if (await handlers.GetHandlerAsync(http, Scheme) is IAuthenticationRequestHandler handler)
        {
            await handler.HandleRequestAsync();
        }
    }
}
