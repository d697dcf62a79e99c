using Azure.Core;
using Azure.Identity;

namespace Modeldrop.Storage;

/// <summary>The identity of the app in Entra ID.</summary>
public static class AppIdentity
{
    /// <param name="clientId">Of the user-assigned identity; null: the system-assigned one, or that of the developer.</param>
    public static TokenCredential Of(string? clientId) =>
        new DefaultAzureCredential(new DefaultAzureCredentialOptions { ManagedIdentityClientId = clientId });
}
