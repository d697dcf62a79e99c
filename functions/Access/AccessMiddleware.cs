using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker.Middleware;
using Modeldrop.Access;
using Modeldrop.Errors;
using Modeldrop.Functions.Http;
using Modeldrop.Functions.Tracking;
using Modeldrop.Routing;

namespace Modeldrop.Functions.Access;

/// <summary>
/// Passes a request on to its function if the caller has the permissions that the function needs. The app itself checks keys, not the
/// platform, so both programs behave the same.
/// </summary>
internal sealed class AccessMiddleware(Authenticator authenticator, TrafficRouter router, AccessMeter meter) : IFunctionsWorkerMiddleware
{
    // Orchestrations are replayed through this method: nothing may be awaited before next(), so they are passed on unchanged.
    public Task Invoke(FunctionContext context, FunctionExecutionDelegate next) =>
        context.GetHttpContext() is { } http ? InvokeHttp(context, http, next) : next(context);

    private Task InvokeHttp(FunctionContext context, HttpContext http, FunctionExecutionDelegate next)
    {
        if (RoutePermissions.Find(context.FunctionDefinition.Name) is not { } needed)
        {
            meter.Count(AccessRefusal.UnknownRoute);
            throw new ServiceException(ErrorCode.Forbidden, "Nobody may use this route: it is not in the table of permissions.");
        }

        if (needed == Permissions.None)
        {
            return next(context);
        }

        // A key in a header needs no asynchronous call.
        return authenticator.FindAtOnce(http, needed) is { } principal
            ? Admit(context, http, principal, needed, next)
            : AuthenticateAsync(context, http, needed, next);
    }

    private async Task AuthenticateAsync(FunctionContext context, HttpContext http, Permissions needed, FunctionExecutionDelegate next)
    {
        Principal principal;
        try
        {
            principal = await authenticator.AuthenticateAsync(http, needed, context.CancellationToken);
        }
        catch (ServiceException exception)
            when (exception.Code == ErrorCode.Unauthorized && !ErrorAnswer.IsScoring(http) && ReturnPath.IsForPerson(http.Request))
        {
            http.Response.Redirect(ReturnPath.SignInFor(http.Request));
            return;
        }

        await Admit(context, http, principal, needed, next);
    }

    private Task Admit(FunctionContext context, HttpContext http, Principal principal, Permissions needed, FunctionExecutionDelegate next)
    {
        if (RoutePermissions.ChecksModelItself(context.FunctionDefinition.Name) && principal.MaySomewhere(needed))
        {
            http.Features.Set(new TrackingAccess.Needed(needed));
        }
        else if (!MayEverywhere(principal, needed))
        {
            CheckModel(context.FunctionDefinition.Name, http.Request, principal, needed);
        }

        Caller.Set(http, principal);
        return next(context);
    }

    private static bool MayEverywhere(Principal principal, Permissions needed) => principal.May(needed, model: null, static _ => null);

    private void CheckModel(string function, HttpRequest request, Principal principal, Permissions needed)
    {
        string? model = RequestedModel.Find(request, function, router);
        if (model is null && RoutePermissions.ListsVisible(function) && principal.MaySomewhere(needed))
        {
            Caller.SetVisible(request.HttpContext, seen => MayFor(seen.Value));
            return;
        }

        if (MayFor(model))
        {
            return;
        }

        meter.Count(AccessRefusal.NotAllowed);
        string roles = string.Join(", ", principal.Grants.Select(grant => $"{grant.Role.ToString().ToLowerInvariant()} of {grant.Scope}"));
        throw new ServiceException(ErrorCode.Forbidden, !principal.MaySomewhere(needed)
            ? $"'{principal.Name}' may not do this (it is {roles}); it needs the permission {Words(needed)}."
            : model is null
            ? $"'{principal.Name}' has access to some models only ({roles}), but this request concerns all models. Request one by name."
            : $"'{principal.Name}' may not do this on model '{model}' ({roles}).");

        bool MayFor(string? one) => principal.May(needed, one, name => RequestedModel.TagsOf(name, router));
    }

    private static string Words(Permissions needed) => needed.ToString().ToLowerInvariant().Replace(", ", " or ", StringComparison.Ordinal);
}
