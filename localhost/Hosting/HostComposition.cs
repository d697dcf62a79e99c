using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Modeldrop.LocalHost.Blobs;
using Modeldrop.LocalHost.Durable;
using Modeldrop.LocalHost.Http;
using Modeldrop.LocalHost.Timers;

namespace Modeldrop.LocalHost;

/// <summary>Puts the parts of the host together for the functions that an app has.</summary>
internal static class HostComposition
{
    /// <exception cref="FunctionDiscoveryException">Functions that cannot run.</exception>
    public static IReadOnlyList<LocalFunction> Discover(IEnumerable<Type> types, HttpTriggerKind http, IConfiguration configuration)
    {
        var discovery = new FunctionDiscovery(
        [
            http,
            new TimerTriggerKind(configuration),
            new BlobTriggerKind(configuration),
            new OrchestrationTriggerKind(),
            new ActivityTriggerKind(),
        ]);
        IReadOnlyList<LocalFunction> functions = discovery.Discover(types);
        HttpFunctions.ReportDuplicates(http, functions.Where(function => function.Trigger is HttpTriggerAttribute), discovery);
        return discovery.Errors.Count == 0 ? functions : throw new FunctionDiscoveryException(discovery.Errors);
    }

    /// <summary>
    /// Registered after the app's own services, so started after and stopped before them: an app's buffers are flushed
    /// when nothing runs any more. The web server is last in and first out.
    /// </summary>
    public static void AddServices(
        IServiceCollection services,
        IReadOnlyList<LocalFunction> functions,
        IReadOnlyList<Func<FunctionExecutionDelegate, FunctionExecutionDelegate>> middleware)
    {
        services.AddRouting();
        services.AddMvcCore();
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<LocalHostOptions>().BindConfiguration(LocalHostOptions.SectionName);
        services.AddSingleton(provider => new FunctionRunner(middleware, provider.GetRequiredService<IServiceScopeFactory>()));

        List<LocalFunction> timers = [.. functions.Where(function => function.Trigger is TimerTriggerAttribute)];
        List<LocalFunction> blobs = [.. functions.Where(function => function.Trigger is BlobTriggerAttribute)];
        bool durable = functions.Any(function => function.Trigger is OrchestrationTriggerAttribute or ActivityTriggerAttribute
            || function.Definition.InputBindings.Values.Any(binding => binding.Type == "durableClient"));
        if (timers.Count == 0 && blobs.Count == 0 && !durable)
        {
            // Nothing for one host at a time: no account is needed.
            return;
        }

        services.AddSingleton<HostStorage>();
        services.AddSingleton<Leadership>();
        services.AddSingleton<ILeadership>(provider => provider.GetRequiredService<Leadership>());
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<Leadership>());
        if (durable)
        {
            services.AddSingleton(provider => DurableFunctionFactory.Create(functions, provider.GetRequiredService<FunctionRunner>()));
            services.AddDurable();
        }

        if (timers.Count > 0)
        {
            services.AddSingleton<TimerStatusStore>();
            services.AddSingleton<IHostedService>(provider => ActivatorUtilities.CreateInstance<TimerService>(provider, timers));
        }

        if (blobs.Count > 0)
        {
            services.AddSingleton<BlobReceipts>();
            services.AddSingleton<IHostedService>(provider => ActivatorUtilities.CreateInstance<BlobTriggerService>(provider, blobs));
        }
    }
}
