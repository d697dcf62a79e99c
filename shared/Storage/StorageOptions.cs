using System.ComponentModel.DataAnnotations;

namespace Modeldrop.Storage;

/// <summary>Where models, registry and logs are stored.</summary>
public sealed class StorageOptions
{
    /// <summary>The Functions host's name for its account: a connection string, or a section with service addresses.</summary>
    public const string ConnectionName = "AzureWebJobsStorage";

    /// <summary>Prefix of the only installation of an account; also the name of its task hub in host.json.</summary>
    public const string DefaultTablePrefix = "Modeldrop";

    /// <summary>
    /// The setting with the full name of the drop container, prefix included. Triggers read it, because they cannot combine two settings.
    /// </summary>
    public const string DropContainerSetting = "Storage__DropContainer";

    /// <summary>Connection string; null with identity-based access.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Identity-based access: the blob service's address, such as <c>https://account.blob.core.windows.net</c>.</summary>
    public Uri? BlobServiceUri { get; set; }

    /// <summary>Identity-based access: the table service's address.</summary>
    public Uri? TableServiceUri { get; set; }

    /// <summary>Identity-based access: client id of the user-assigned identity; null for the system-assigned one.</summary>
    public string? ClientId { get; set; }

    /// <summary>
    /// Prefix of every table name. Letters and digits. Installations that share an account differ in this and in
    /// <see cref="ContainerPrefix"/>.
    /// </summary>
    [RegularExpression("^[A-Za-z][A-Za-z0-9]{0,30}$")]
    public string TablePrefix { get; set; } = DefaultTablePrefix;

    /// <summary>Prefix of every container name. Lower-case letters, digits, single dashes; empty by default.</summary>
    [RegularExpression("^(?=.{0,40}$)([a-z0-9]+-?)*$")]
    public string ContainerPrefix { get; set; } = "";
}
