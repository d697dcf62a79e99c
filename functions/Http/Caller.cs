using Microsoft.AspNetCore.Http;
using Modeldrop.Access;
using Modeldrop.Names;
using Modeldrop.Pages;
using Modeldrop.Registry;

namespace Modeldrop.Functions.Http;

/// <summary>Who calls, as the middleware found out before the function ran.</summary>
internal static class Caller
{
    /// <summary>For the audit trail.</summary>
    public static string NameOf(HttpRequest request) => Of(request).Name;

    /// <summary>For the audit trail, with how it is known.</summary>
    public static Identity IdentityOf(HttpRequest request)
    {
        Principal caller = Of(request);
        return new Identity(caller.Name, caller.Kind.ToString().ToLowerInvariant(), caller.Known);
    }

    /// <exception cref="InvalidOperationException">The route is open to everybody, so that nobody was asked.</exception>
    public static Principal Of(HttpRequest request) =>
        request.HttpContext.Features.Get<Principal>() ?? throw new InvalidOperationException("Nobody has asked who calls this route.");

    /// <summary>For the page that is written for the caller; null: nobody has asked who it is.</summary>
    public static PageReader? ReaderOf(HttpContext http) => http.Features.Get<Principal>() is { } principal
        ? new PageReader(principal.Name, http.Features.Get<Session>()?.Csrf, CanSignOut: http.Features.Get<Session>() is not null)
        : null;

    public static void Set(HttpContext http, Principal principal) => http.Features.Set(principal);

    /// <summary>
    /// Which models a list may show to the caller: all of them, unless the middleware has found it to be for some models.
    /// </summary>
    public static Func<ModelName, bool> SeesIn(HttpRequest request) =>
        request.HttpContext.Features.Get<VisibleModels>()?.Contains ?? (static _ => true);

    /// <param name="contains">Says of a model whether the caller may see it.</param>
    public static void SetVisible(HttpContext http, Func<ModelName, bool> contains) => http.Features.Set(new VisibleModels(contains));

    private sealed record VisibleModels(Func<ModelName, bool> Contains);
}
