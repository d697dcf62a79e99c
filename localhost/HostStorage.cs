using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Modeldrop.LocalHost;

/// <summary>The storage account as the host itself uses it.</summary>
internal sealed class HostStorage(IConfiguration configuration, IOptions<LocalHostOptions> options)
{
    public const string DefaultConnection = "AzureWebJobsStorage";

    /// <summary>The lease and the timers' status.</summary>
    public BlobContainerClient HostContainer { get; } =
        new(ConnectionString(configuration, DefaultConnection), options.Value.Container);

    /// <summary>The blob trigger's receipts.</summary>
    public TableClient Receipts { get; } = new(ConnectionString(configuration, DefaultConnection), options.Value.ReceiptTable);

    /// <param name="connection">Name of a setting; null for the host's own account.</param>
    public BlobContainerClient Container(string? connection, string container) =>
        new(ConnectionString(configuration, connection ?? DefaultConnection), container);

    /// <summary>Null when the setting is not there. Looked for as the real host does: first with the prefix <c>AzureWebJobs</c>.</summary>
    public static string? FindConnectionString(IConfiguration configuration, string connection) =>
        configuration[$"AzureWebJobs{connection}"] is { Length: > 0 } prefixed ? prefixed
        : configuration[connection] is { Length: > 0 } text ? text
        : null;

    private static string ConnectionString(IConfiguration configuration, string connection) =>
        FindConnectionString(configuration, connection)
        ?? throw new InvalidOperationException(
            $"The local host needs a connection string in the setting '{connection}'; access by identity works on Azure only.");
}
