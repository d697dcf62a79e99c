using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Modeldrop.Access;
using Modeldrop.Functions.Http;

namespace Modeldrop.Functions.Access;

/// <summary>Completes a sign-in by redirect: with a session of the app, or with the sign-in page and the reason for the failure.</summary>
internal sealed class EntraSignInEvents(SessionService sessions, EntraTokens tokens, IOptions<AccessOptions> options, AccessMeter meter)
    : OpenIdConnectEvents
{
    public override Task RedirectToIdentityProvider(RedirectContext context)
    {
        context.ProtocolMessage.RedirectUri = RequestSource.PublicAddressOf(context.Request) + EntraSignIn.CallbackPath;
        return Task.CompletedTask;
    }

    public override async Task TicketReceived(TicketReceivedContext context)
    {
        context.HandleResponse();
        Claim[] claims = [.. context.Principal?.Claims ?? []];
        Principal principal = ClaimPrincipal.Of(claims, tokens.Map, $"sign-in at {options.Value.Entra.Authority}");
        string to = ReturnPath.Of(context.ReturnUri);
        if (principal.Grants.Count == 0)
        {
            meter.Count(AccessRefusal.NotAllowed);
            await RefuseAsync(
                context.HttpContext, to,
                $"'{principal.Name}' has no role here. Ask an owner for an app role or a group (docs/operations.md, \"Entra ID\").",
                StatusCodes.Status403Forbidden);
            return;
        }

        // The redirect from the issuer comes from another site: the browser would not send a strict cookie to the next page.
        string token = await sessions.OpenAsync(principal, context.HttpContext.RequestAborted);
        SessionCookie.Set(context.HttpContext, token, sessions.Lasts, SameSiteMode.Lax);
        context.Response.Redirect(to);
    }

    /// <summary>The issuer refused, the person went back, or the answer belongs to no sign-in of this browser.</summary>
    public override Task RemoteFailure(RemoteFailureContext context)
    {
        context.HandleResponse();
        meter.Count(AccessRefusal.WrongToken);
        return RefuseAsync(
            context.HttpContext, ReturnPath.Of(context.Properties?.RedirectUri),
            $"The sign-in did not succeed: {context.Failure?.Message ?? "no reason was given."} Try again.",
            StatusCodes.Status401Unauthorized);
    }

    private static Task RefuseAsync(HttpContext http, string to, string message, int status) =>
        Answer.Page<SignInPage, SignInView>(new SignInView(to, null, message, SignInFunctions.EntraPath(to)), status).ExecuteAsync(http);
}
