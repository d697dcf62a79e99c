using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Converters;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Modeldrop.Standalone.Invocation;
using Modeldrop.Storage;

namespace Modeldrop.Standalone.Durable;

internal static class DurableRegistration
{
    /// <summary>Registers the durable client, and the engine if this process runs operations.</summary>
    public static IServiceCollection AddDurable(
        this IServiceCollection services, IConfiguration configuration, IReadOnlyList<StandaloneFunction> functions, bool runs)
    {
        services.AddOptions<DurableOptions>()
            .Bind(configuration.GetSection(DurableOptions.SectionName))
            .PostConfigure<IOptions<StorageOptions>>((options, storage) =>
                options.HubName = options.HubName.Length == 0 ? DurableOptions.HubNameOf(storage.Value.TablePrefix) : options.HubName)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<DataConverter>(JsonDataConverter.Default);
        services.AddSingleton(provider => TaskHub.Create(
            provider.GetRequiredService<HostStorage>(),
            provider.GetRequiredService<IOptions<DurableOptions>>(),
            provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton<DurableTaskClient>(provider => ActivatorUtilities.CreateInstance<TaskHubDurableClient>(provider));
        if (runs)
        {
            services.AddSingleton<IHostedService>(provider => ActivatorUtilities.CreateInstance<DurableService>(provider, functions));
        }

        return services;
    }
}
