using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Modeldrop.Storage;

public static class StorageRegistration
{
    /// <summary>Registers the storage account of <c>AzureWebJobsStorage</c>, and creates its containers and tables at start.</summary>
    public static IServiceCollection AddStorage(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<StorageOptions>()
            .Configure(options => Bind(options, configuration))
            .ValidateDataAnnotations()
            .Validate(
                options => (options.ContainerPrefix.Length == 0) == (options.TablePrefix == StorageOptions.DefaultTablePrefix),
                "Storage__TablePrefix and Storage__ContainerPrefix distinguish the installations of an account: set both or none.")
            .ValidateOnStart();
        services.AddSingleton<StorageAccount>();
        services.AddSingleton<IHostedService, StorageInitializer>();
        return services;
    }

    private static void Bind(StorageOptions options, IConfiguration configuration)
    {
        options.ConnectionString = configuration[StorageOptions.ConnectionName];
        options.TablePrefix = configuration["Storage:TablePrefix"] ?? options.TablePrefix;
        options.ContainerPrefix = configuration["Storage:ContainerPrefix"] ?? options.ContainerPrefix;

        IConfigurationSection identity = configuration.GetSection(StorageOptions.ConnectionName);
        string? account = identity["accountName"];
        options.BlobServiceUri = ServiceUri(identity["blobServiceUri"], account, "blob");
        options.TableServiceUri = ServiceUri(identity["tableServiceUri"], account, "table");
        options.ClientId = identity["clientId"];
    }

    private static Uri? ServiceUri(string? address, string? account, string service) =>
        address is not null ? new Uri(address)
        : account is not null ? new Uri($"https://{account}.{service}.core.windows.net")
        : null;

    private sealed class StorageInitializer(StorageAccount account) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => account.EnsureCreatedAsync(cancellationToken);

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
