using Microsoft.AspNetCore.Http;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Tracking.Calls;
using Modeldrop.Tracking.Models;

namespace Modeldrop.Functions.Tracking;

/// <summary>Finds the version that a call is about.</summary>
public sealed class VersionFields(RegistryView view, TrackingAccess access)
{
    /// <exception cref="Modeldrop.Errors.ServiceException">
    /// <see cref="Modeldrop.Errors.ErrorCode.ModelNotFound"/>, <see cref="Modeldrop.Errors.ErrorCode.VersionNotFound"/>,
    /// <see cref="Modeldrop.Errors.ErrorCode.Forbidden"/>.
    /// </exception>
    public async Task<(ModelHead Head, VersionEntry Entry)> GetAsync(
        HttpRequest request, ModelVersionCall call, CancellationToken cancellationToken)
    {
        ModelName model = access.Check(request, call.Name);
        ModelHead head = await view.GetHeadAsync(model, cancellationToken);
        return (head, RegistryView.GetEntry(head, call.Number));
    }
}
