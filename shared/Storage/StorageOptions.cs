using System.ComponentModel.DataAnnotations;

namespace Modeldrop.Storage;

/// <summary>Where models, registry and logs are stored.</summary>
public sealed class StorageOptions
{
    /// <summary>The Functions host's own name for its account: a connection string, or a section with service addresses.</summary>
    public const string ConnectionName = "AzureWebJobsStorage";

    /// <summary>Connection string; null with identity-based access.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Identity-based access: the blob service's address, such as <c>https://account.blob.core.windows.net</c>.</summary>
    public Uri? BlobServiceUri { get; set; }

    /// <summary>Identity-based access: the table service's address.</summary>
    public Uri? TableServiceUri { get; set; }

    /// <summary>Identity-based access: client id of the user-assigned identity; null for the system-assigned one.</summary>
    public string? ClientId { get; set; }

    /// <summary>Put before every table name, so that tests can share an account. Letters and digits.</summary>
    [RegularExpression("^[A-Za-z][A-Za-z0-9]{0,30}$")]
    public string TablePrefix { get; set; } = "Modeldrop";

    /// <summary>Put before every container name, so that tests can share an account. Lower-case letters, digits, dashes; none by default.</summary>
    [RegularExpression("^[a-z0-9-]{0,40}$")]
    public string ContainerPrefix { get; set; } = "";
}
