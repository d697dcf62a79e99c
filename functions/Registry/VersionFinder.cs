using System.Globalization;
using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Functions.Registry;

/// <summary>Finds the version that a route names.</summary>
public sealed class VersionFinder(RegistryService registry)
{
    /// <param name="version">A version number or an alias.</param>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.InvalidRequest"/>; <see cref="ErrorCode.ModelNotFound"/>; <see cref="ErrorCode.VersionNotFound"/>.
    /// </exception>
    public async Task<VersionName> FindAsync(string model, string version, CancellationToken cancellationToken)
    {
        (ModelHead head, VersionEntry entry) = await FindEntryAsync(model, version, cancellationToken);
        return new VersionName(head.Name, entry.Number);
    }

    /// <inheritdoc cref="FindAsync"/>
    public async Task<(ModelHead Head, VersionEntry Entry)> FindEntryAsync(
        string model, string version, CancellationToken cancellationToken)
    {
        ModelHead head = await registry.GetAsync(ModelName.Parse(model), cancellationToken);
        VersionEntry? entry = int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? head.FindVersion(number)
            : head.FindAlias(AliasName.Parse(version));
        return (head, entry ?? throw new ServiceException(ErrorCode.VersionNotFound, $"Model '{model}' has no version '{version}'."));
    }
}
