namespace Modeldrop.LocalHost;

/// <summary>Runs the function once for each new or changed blob.</summary>
/// <param name="blobPath">
/// <c>container/pattern</c>; a <c>{token}</c> of the pattern matches any text (also slashes) and binds to the parameter of its name.
/// </param>
public sealed class BlobTriggerAttribute(string blobPath) : TriggerBindingAttribute
{
    public string BlobPath { get; } = blobPath;

    /// <summary>Name of the setting with the account's connection string; null for <c>AzureWebJobsStorage</c>.</summary>
    public string? Connection { get; set; }

    /// <summary>How the real host learns of blobs. The local host lists the container for either.</summary>
    public BlobTriggerSource Source { get; set; }
}

public enum BlobTriggerSource
{
    LogsAndContainerScan = 0,
    EventGrid = 1,
}
