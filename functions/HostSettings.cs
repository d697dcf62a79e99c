using Microsoft.Extensions.Configuration;
using Modeldrop.Storage;

namespace Modeldrop.Functions;

/// <summary>
/// Settings that the Functions host reads, and that must agree with the prefixes of this installation: otherwise another installation of
/// the account would get its drops or run its operations.
/// </summary>
internal static class HostSettings
{
    /// <summary>Overrides the hub's name of host.json.</summary>
    private const string HubName = "AzureFunctionsJobHost__extensions__durableTask__hubName";

    /// <exception cref="InvalidOperationException">The message names every setting to change.</exception>
    public static void Check(IConfiguration configuration)
    {
        string prefix = configuration["Storage:TablePrefix"] is { Length: > 0 } text ? text : StorageOptions.DefaultTablePrefix;
        (string Name, string Expected, string Default)[] settings =
        [
            (StorageOptions.DropContainerSetting, configuration["Storage:ContainerPrefix"] + BlobContainers.Drop, ""),
            (HubName, prefix, StorageOptions.DefaultTablePrefix),
        ];
        string[] wrong =
        [
            .. from setting in settings
               let value = configuration[setting.Name.Replace("__", ":", StringComparison.Ordinal)] is { Length: > 0 } set ? set
                   : setting.Default
               where value != setting.Expected
               select $"Set {setting.Name} to '{setting.Expected}', as the prefixes of Storage say; it is '{value}'.",
        ];
        if (wrong.Length > 0)
        {
            throw new InvalidOperationException(string.Join(Environment.NewLine, wrong));
        }
    }
}
