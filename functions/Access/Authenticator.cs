using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Modeldrop.Access;
using Modeldrop.Errors;

namespace Modeldrop.Functions.Access;

/// <summary>Identifies the caller.</summary>
internal sealed class Authenticator(
    KeyRing ring, SessionService sessions, EntraTokens tokens, AccessHost host, AttemptLimiter limiter, AccessMeter meter)
{
    private const string CsrfHeader = "X-Modeldrop-Csrf";
    private const string CsrfField = "csrf";

    private const string HowTo =
        "send a key as the header x-functions-key, x-api-key or 'Authorization: Bearer <key>', or as the password of Basic authentication";

    private static readonly Principal Local = new(
        "local", PrincipalKind.Local, "this machine, without keys", [new Grant(Role.Owner, Scope.All)]);

    /// <summary>
    /// Returns the holder of a valid key, or the local user while there are no keys; null if the identification needs asynchronous calls.
    /// </summary>
    /// <remarks>The path of scoring requests: no call to the store, and no allocation for a key.</remarks>
    /// <exception cref="ServiceException"><see cref="ErrorCode.Forbidden"/>.</exception>
    public Principal? FindAtOnce(HttpContext http, Permissions needed)
    {
        if (ring.IsOpen)
        {
            CheckLocal(http, needed);
            return Local;
        }

        var credential = Credential.Of(http.Request);
        return credential.Kind == CredentialKind.Key && ring.Check(credential.Text.Span, out Principal? principal) == KeyVerdict.Valid
            ? principal
            : null;
    }

    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.Unauthorized"/>; <see cref="ErrorCode.Forbidden"/>; <see cref="ErrorCode.TooManyAttempts"/>;
    /// <see cref="ErrorCode.StoreUnavailable"/> before the keys have been read.
    /// </exception>
    public async Task<Principal> AuthenticateAsync(HttpContext http, Permissions needed, CancellationToken cancellationToken)
    {
        await ring.EnsureLoadedAsync(cancellationToken);
        if (FindAtOnce(http, needed) is { } known)
        {
            return known;
        }

        var credential = Credential.Of(http.Request);
        return credential.Kind switch
        {
            CredentialKind.Key => CheckKey(http, credential.Text.Span),
            CredentialKind.Password => CheckPassword(http, credential.Text.Span),
            CredentialKind.Token => await FindByTokenAsync(http) ?? throw Wrong(http, AccessRefusal.WrongToken, tokens.IsSetUp
                ? "The token is not valid here: it must be signed by the issuer, for this app, and not expired"
                : "Tokens are not accepted here: Access__Entra__Authority is not set"),
            _ => FindByPlatform(http) ?? await FindBySessionAsync(http, cancellationToken) ?? throw Missing(http),
        };
    }

    /// <summary>Refuses a request that carries the session's cookie but does not come from the app's own pages.</summary>
    public async Task CheckSessionAsync(HttpContext http, Session session, CancellationToken cancellationToken)
    {
        if (RequestSource.IsRead(http.Request))
        {
            return;
        }

        CheckOrigin(http, []);
        string sent = http.Request.Headers[CsrfHeader].ToString();
        if (sent.Length == 0 && IsSmallForm(http.Request))
        {
            sent = (await SignInFunctions.ReadAsync(http.Request, cancellationToken))[CsrfField].ToString();
        }

        if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(sent), Encoding.UTF8.GetBytes(session.Csrf)))
        {
            meter.Count(AccessRefusal.ForeignOrigin);
            throw new ServiceException(ErrorCode.Forbidden,
                $"A signed-in browser must send the header {CsrfHeader} with the page's value, so that no other site acts in its name. "
                + "Reload the page.");
        }
    }

    private async Task<Principal?> FindByTokenAsync(HttpContext http) =>
        tokens.IsSetUp ? await tokens.FindAsync(http) : FindByPlatform(http);

    /// <summary>
    /// Returns the person whom the platform has signed in. A browser sends its cookie automatically, so the page must be the app's own.
    /// </summary>
    private Principal? FindByPlatform(HttpContext http)
    {
        if (!host.PlatformSignsIn || PlatformHeaders.Find(http.Request, tokens.Map) is not { } principal)
        {
            return null;
        }

        if (!RequestSource.IsRead(http.Request))
        {
            CheckOrigin(http, []);
        }

        return principal;
    }

    /// <summary>Null: the request has no cookie.</summary>
    private async Task<Principal?> FindBySessionAsync(HttpContext http, CancellationToken cancellationToken)
    {
        if (SessionCookie.Find(http.Request) is not { } token)
        {
            return null;
        }

        if (await sessions.FindAsync(token, cancellationToken) is not { } session)
        {
            meter.Count(AccessRefusal.SignedOut);
            SessionCookie.Remove(http);
            throw new ServiceException(ErrorCode.Unauthorized, "Your session has ended. Sign in again at /sign-in.");
        }

        await CheckSessionAsync(http, session, cancellationToken);
        http.Features.Set(session);
        return session.Principal;
    }

    /// <summary>
    /// Without keys everything is open, so only this machine gets access, and no page of another site through its browser.
    /// </summary>
    private void CheckLocal(HttpContext http, Permissions needed)
    {
        if (!RequestSource.IsLocal(http))
        {
            meter.Count(AccessRefusal.NotLocal);
            throw new ServiceException(ErrorCode.Forbidden,
                "Without keys only this machine is served, under the names localhost, 127.0.0.1 and [::1]; this request is for "
                + $"'{http.Request.Host}'. Create an owner's key first: docs/operations.md, \"Keys and people\".");
        }

        bool scores = (needed & (Permissions.Score | Permissions.Metadata)) != 0;
        CheckOrigin(http, scores ? host.Origins : []);
    }

    /// <summary>Refuses a request of another site's page if the browser adds its credentials automatically.</summary>
    public void CheckOrigin(HttpContext http, IReadOnlyCollection<string> allowed)
    {
        if (RequestSource.IsForeign(http.Request, allowed))
        {
            meter.Count(AccessRefusal.ForeignOrigin);
            throw new ServiceException(ErrorCode.Forbidden,
                $"The request comes from a page of another site ({http.Request.Headers[HeaderNames.Origin]}), which may not do this.");
        }
    }

    private Principal CheckPassword(HttpContext http, ReadOnlySpan<char> text)
    {
        Principal principal = CheckKey(http, text);
        CheckOrigin(http, []);
        return principal;
    }

    /// <summary>Returns the holder of a key.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.Unauthorized"/>; <see cref="ErrorCode.TooManyAttempts"/>.</exception>
    public Principal CheckKey(HttpContext http, ReadOnlySpan<char> text) => ring.Check(text, out Principal? principal) switch
    {
        KeyVerdict.Valid => principal!,
        KeyVerdict.Expired => throw Wrong(http, AccessRefusal.ExpiredKey, "The key has expired; ask an owner for a new one"),
        KeyVerdict.Revoked => throw Wrong(http, AccessRefusal.RevokedKey, "The key has been revoked; ask an owner for a new one"),
        _ => throw Wrong(http, AccessRefusal.WrongKey, $"The key does not belong to this installation; {HowTo}"),
    };

    /// <summary>Whether the body is a page's form, which is small; an upload is left for its function to read.</summary>
    private static bool IsSmallForm(HttpRequest request) =>
        request.ContentType?.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) == true;

    private ServiceException Missing(HttpContext http)
    {
        bool inAddress = http.Request.Query.ContainsKey("code");
        meter.Count(inAddress ? AccessRefusal.KeyInAddress : AccessRefusal.Missing);
        http.Response.Headers.WWWAuthenticate = "Bearer realm=\"modeldrop\"";
        return new ServiceException(ErrorCode.Unauthorized, inAddress
            ? $"A key in the address is not accepted, because addresses are stored in logs and histories; {HowTo}."
            : $"This route needs a key: {HowTo}.");
    }

    private ServiceException Wrong(HttpContext http, AccessRefusal reason, string words)
    {
        if (limiter.Count(RequestSource.AddressOf(http, host)) is { } wait)
        {
            meter.Count(AccessRefusal.TooManyAttempts);
            string seconds = Math.Ceiling(wait.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture);
            http.Response.Headers.RetryAfter = seconds;
            return new ServiceException(
                ErrorCode.TooManyAttempts, $"Too many wrong keys have come from your address. Try again in {seconds} seconds.");
        }

        meter.Count(reason);
        http.Response.Headers.WWWAuthenticate = "Bearer realm=\"modeldrop\", error=\"invalid_token\"";
        return new ServiceException(ErrorCode.Unauthorized, $"{words}.");
    }
}
