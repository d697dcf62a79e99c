using Microsoft.AspNetCore.Http;
using Modeldrop.Access;
using Modeldrop.Errors;
using Modeldrop.Functions.Access;
using Modeldrop.Functions.Http;
using Modeldrop.Names;
using Modeldrop.Routing;
using Modeldrop.Tracking.Artifacts;
using Modeldrop.Tracking.Runs;

namespace Modeldrop.Functions.Tracking;

/// <summary>
/// Checks callers with access to some models only. The model's name is in the body or the query, which the middleware does not read.
/// </summary>
public sealed class TrackingAccess(TrafficRouter router)
{
    /// <summary>The permissions that the function needs, from the middleware's table.</summary>
    internal sealed record Needed(Permissions Permissions);

    /// <exception cref="ServiceException"><see cref="ErrorCode.Forbidden"/>.</exception>
    public ModelName Check(HttpRequest request, string model)
    {
        ModelName name = ModelName.Parse(model);
        return MaySee(request, name.Value) ? name : throw new ServiceException(
            ErrorCode.Forbidden, $"'{Caller.Of(request).Name}' may not do this on model '{name}'.");
    }

    public bool MaySee(HttpRequest request, string model) =>
        Caller.Of(request).May(NeededOf(request), model, name => RequestedModel.TagsOf(name, router));

    public void Check(HttpRequest request, ArtifactPath path)
    {
        if (path.Version is { } version)
        {
            Check(request, version.Model.Value);
        }
    }

    public static TrackingUser UserOf(HttpRequest request) => new(
        Caller.IdentityOf(request), Caller.Of(request).May(NeededOf(request), model: null, static _ => null));

    private static Permissions NeededOf(HttpRequest request) =>
        request.HttpContext.Features.Get<Needed>()?.Permissions
        ?? throw new InvalidOperationException("The middleware has not set the permissions that this function needs.");
}
