using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Modeldrop.Access;
using Modeldrop.Errors;
using Modeldrop.Functions.Http;

namespace Modeldrop.Functions.Access;

/// <summary>Signs browsers in and out.</summary>
public sealed class SignInFunctions(
    KeyRing ring, SessionService sessions, SignInLinks links, AccessHost host, IOptions<AccessOptions> options, IServiceProvider services)
{
    [Function(nameof(ShowSignIn))]
    public async Task<IResult> ShowSignIn(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "sign-in")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        await ring.EnsureLoadedAsync(cancellationToken);
        string to = ReturnPath.Of(request.Query["to"]);
        return ring.IsOpen ? Results.LocalRedirect(to) : Page(to, request.Query["once"], message: null, StatusCodes.Status200OK);
    }

    /// <summary>Accepts a key, or the code of a one-time link, and opens a session for it.</summary>
    [Function(nameof(SignIn))]
    public async Task<IResult> SignIn(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "sign-in")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        var authenticator = services.GetRequiredService<Authenticator>();
        await ring.EnsureLoadedAsync(cancellationToken);
        authenticator.CheckOrigin(request.HttpContext, []);
        IFormCollection form = await ReadAsync(request, cancellationToken);
        string to = ReturnPath.Of(form["to"]);
        try
        {
            string once = form["once"].ToString();
            Principal principal = once.Length > 0
                ? links.Take(once) ?? throw new ServiceException(ErrorCode.Unauthorized, "This link has been used before, or has expired.")
                : authenticator.CheckKey(request.HttpContext, form["key"].ToString().Trim());
            string token = await sessions.OpenAsync(principal, cancellationToken);
            SessionCookie.Set(request.HttpContext, token, sessions.Lasts, SameSiteMode.Strict);
            return Results.LocalRedirect(to);
        }
        catch (ServiceException exception) when (exception.Code is ErrorCode.Unauthorized or ErrorCode.TooManyAttempts)
        {
            return Page(to, once: null, exception.Message, ErrorTable.Get(exception.Code).Status);
        }
    }

    /// <summary>Redirects the browser to the issuer.</summary>
    [Function(nameof(BeginEntraSignIn))]
    public Task BeginEntraSignIn(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "sign-in/entra")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        CheckEntra();
        return EntraSignIn.BeginAsync(request.HttpContext, ReturnPath.Of(request.Query["to"]));
    }

    /// <summary>The address to which the issuer redirects the browser.</summary>
    [Function(nameof(EndEntraSignIn))]
    public Task EndEntraSignIn(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "sign-in/entra/back")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        CheckEntra();
        return EntraSignIn.EndAsync(request.HttpContext);
    }

    [Function(nameof(SignOut))]
    public async Task<IResult> SignOut(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "sign-out")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        var authenticator = services.GetRequiredService<Authenticator>();
        await ring.EnsureLoadedAsync(cancellationToken);
        if (SessionCookie.Find(request) is { } token && await sessions.FindAsync(token, cancellationToken) is { } session)
        {
            await authenticator.CheckSessionAsync(request.HttpContext, session, cancellationToken);
            await sessions.EndAsync(token, cancellationToken);
        }

        SessionCookie.Remove(request.HttpContext);
        return Results.LocalRedirect("/sign-in");
    }

    /// <summary>The start of a sign-in by redirect.</summary>
    internal static string EntraPath(string to) => $"/sign-in/entra?to={Uri.EscapeDataString(to)}";

    private void CheckEntra()
    {
        if (!EntraSignIn.IsSetUp(options.Value.Entra))
        {
            throw new ServiceException(
                ErrorCode.InvalidRequest, "Entra ID is not set up for sign-ins here: Access__Entra__ClientSecret is empty. Use a key.");
        }
    }

    private IResult Page(string to, string? once, string? message, int status)
    {
        string? entra = host.PlatformSignsIn ? $"/.auth/login/aad?post_login_redirect_uri={Uri.EscapeDataString(to)}"
            : EntraSignIn.IsSetUp(options.Value.Entra) ? EntraPath(to)
            : null;
        return Answer.Page<SignInPage, SignInView>(new SignInView(to, string.IsNullOrEmpty(once) ? null : once, message, entra), status);
    }

    internal static async Task<IFormCollection> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!request.HasFormContentType)
        {
            throw new ServiceException(ErrorCode.UnsupportedMediaType, "The body must be a form.");
        }

        try
        {
            return await request.ReadFormAsync(cancellationToken);
        }
        catch (InvalidDataException exception)
        {
            throw new ServiceException(ErrorCode.InvalidRequest, $"The form cannot be read: {exception.Message}", exception);
        }
    }
}
