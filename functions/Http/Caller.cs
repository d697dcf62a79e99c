using Microsoft.AspNetCore.Http;
using Modeldrop.Access;
using Modeldrop.Names;
using Modeldrop.Pages;
using Modeldrop.Registry;

namespace Modeldrop.Functions.Http;

/// <summary>The caller of a function, as the middleware identified it.</summary>
internal static class Caller
{
    /// <summary>The caller's name for the audit trail.</summary>
    public static string NameOf(HttpRequest request) => Of(request).Name;

    /// <summary>The caller for the audit trail, with how the app knows it.</summary>
    public static Identity IdentityOf(HttpRequest request)
    {
        Principal caller = Of(request);
        return new Identity(caller.Name, caller.Kind.ToString().ToLowerInvariant(), caller.Known);
    }

    /// <exception cref="InvalidOperationException">The route is open to everybody, so the middleware identified nobody.</exception>
    public static Principal Of(HttpRequest request) =>
        request.HttpContext.Features.Get<Principal>() ?? throw new InvalidOperationException("The caller was not identified.");

    /// <summary>The reader of the page that is rendered for the caller; null: the middleware identified nobody.</summary>
    public static PageReader? ReaderOf(HttpContext http) => http.Features.Get<Principal>() is { } principal
        ? new PageReader(principal.Name, http.Features.Get<Session>()?.Csrf, CanSignOut: http.Features.Get<Session>() is not null)
        : null;

    public static void Set(HttpContext http, Principal principal) => http.Features.Set(principal);

    /// <summary>Which models a list may show to the caller: all, unless the middleware has restricted it to some models.</summary>
    public static Func<ModelName, bool> SeesIn(HttpRequest request) =>
        request.HttpContext.Features.Get<VisibleModels>()?.Contains ?? (static _ => true);

    /// <param name="contains">Returns whether the caller may see a model.</param>
    public static void SetVisible(HttpContext http, Func<ModelName, bool> contains) => http.Features.Set(new VisibleModels(contains));

    private sealed record VisibleModels(Func<ModelName, bool> Contains);
}
