using System.Text.Json;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Modeldrop.LocalHost.Durable.Engine;
using Modeldrop.LocalHost.Durable.Store;

namespace Modeldrop.LocalHost.Durable;

internal static class DurableRegistration
{
    private const string ConnectionName = "AzureWebJobsStorage";

    /// <summary>
    /// The durable engine and its client. Needs <see cref="DurableFunctions"/> and <see cref="ILeadership"/>; registered after the leadership's own
    /// service, it stops before the lead is given back.
    /// </summary>
    public static IServiceCollection AddDurable(this IServiceCollection services)
    {
        services.AddOptions<DurableOptions>().BindConfiguration(DurableOptions.SectionName).ValidateDataAnnotations().ValidateOnStart();

        // As the Functions worker does: Configure<JsonSerializerOptions> changes the payloads' JSON.
        services.AddOptions<JsonSerializerOptions>().Configure(options => options.PropertyNameCaseInsensitive = true);
        services.TryAddSingleton<DataConverter>(provider => new JsonDataConverter(provider.GetRequiredService<IOptions<JsonSerializerOptions>>().Value));
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(CreateStorage);
        services.AddSingleton<DurableStore>();
        services.AddSingleton<InstanceQueries>();
        services.AddSingleton<WakeTable>();
        services.AddSingleton<InstanceSignals>();
        services.AddSingleton<DurableTaskClient>(provider =>
            ActivatorUtilities.CreateInstance<TableDurableTaskClient>(provider, provider.GetRequiredService<IOptions<DurableOptions>>().Value.HubName));
        services.AddSingleton<IHostedService, DurableEngine>();
        return services;
    }

    private static DurableStorage CreateStorage(IServiceProvider services)
    {
        var configuration = services.GetRequiredService<IConfiguration>();
        return new DurableStorage(
            services.GetRequiredService<IOptions<DurableOptions>>().Value.HubName,
            () => new TableServiceClient(Connection()),
            () => new BlobServiceClient(Connection()));

        string Connection() => configuration[ConnectionName]
            ?? throw new InvalidOperationException($"Set '{ConnectionName}' to the connection string of a storage account.");
    }
}
