using System.Globalization;
using Microsoft.AspNetCore.Http;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Tracking.Models;
using Modeldrop.Tracking.Protocol;

namespace Modeldrop.Functions.Tracking;

/// <summary>Finds the version that a call is about.</summary>
public sealed class VersionFields(RegistryView view, TrackingAccess access)
{
    /// <summary>Also checks all fields that were read before.</summary>
    /// <exception cref="Modeldrop.Errors.ServiceException">
    /// <see cref="Modeldrop.Errors.ErrorCode.InvalidRequest"/>, <see cref="Modeldrop.Errors.ErrorCode.ModelNotFound"/>,
    /// <see cref="Modeldrop.Errors.ErrorCode.VersionNotFound"/>, <see cref="Modeldrop.Errors.ErrorCode.Forbidden"/>.
    /// </exception>
    public async Task<(ModelHead Head, VersionEntry Entry)> GetAsync(
        HttpRequest request, CallFields fields, CancellationToken cancellationToken)
    {
        string name = fields.Required("name");
        string version = fields.Required("version");
        if (!int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && version.Length > 0)
        {
            fields.Refuse($"'version' is '{version}'; it must be a whole number.");
        }

        fields.Check();
        ModelName model = access.Check(request, name);
        ModelHead head = await view.GetHeadAsync(model, cancellationToken);
        return (head, RegistryView.GetEntry(head, number));
    }
}
