using Microsoft.AspNetCore.Hosting;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Modeldrop.Standalone.Blobs;
using Modeldrop.Standalone.Durable;
using Modeldrop.Standalone.Http;
using Modeldrop.Standalone.Invocation;
using Modeldrop.Standalone.Timers;

namespace Modeldrop.Standalone.Hosting;

/// <summary>Composes the parts of the host for an app's functions.</summary>
internal static class HostComposition
{
    /// <summary>
    /// The parts are registered after the app's own services, so they start after them and stop before them: an app's buffers are flushed
    /// when nothing runs any longer. The web server starts last and stops first.
    /// </summary>
    public static void AddServices(
        IServiceCollection services,
        IConfiguration configuration,
        IReadOnlyList<StandaloneFunction> functions,
        IReadOnlyList<Func<FunctionExecutionDelegate, FunctionExecutionDelegate>> middleware,
        HostRoles roles)
    {
        services.AddRouting();
        services.AddMvcCore();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<IStartupFilter, HostAnswers>();
        services.AddOptions<StandaloneOptions>()
            .BindConfiguration(StandaloneOptions.SectionName)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<HostStorage>();
        services.AddSingleton(provider => new FunctionRunner(middleware, provider.GetRequiredService<IServiceScopeFactory>()));
        bool runs = roles.HasFlag(HostRoles.Operations) && functions.Any(function => function.Trigger is OrchestrationTriggerAttribute);
        services.AddDurable(configuration, functions, runs);
        if (roles.HasFlag(HostRoles.Timers))
        {
            AddLed(services, functions);
        }
    }

    /// <summary>Adds the services that one process runs for all.</summary>
    private static void AddLed(IServiceCollection services, IReadOnlyList<StandaloneFunction> functions)
    {
        List<StandaloneFunction> timers = [.. functions.Where(function => function.Trigger is TimerTriggerAttribute)];
        List<StandaloneFunction> blobs = [.. functions.Where(function => function.Trigger is BlobTriggerAttribute)];
        if (timers.Count == 0 && blobs.Count == 0)
        {
            return;
        }

        services.AddSingleton<Leadership>();
        services.AddSingleton<ILeadership>(provider => provider.GetRequiredService<Leadership>());
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<Leadership>());
        services.AddSingleton<TimerStatusStore>();
        services.AddSingleton<IHostedService>(provider => ActivatorUtilities.CreateInstance<TimerService>(provider, timers));
        services.AddSingleton<BlobReceipts>();
        services.AddSingleton<IHostedService>(provider => ActivatorUtilities.CreateInstance<BlobTriggerService>(provider, blobs));
    }}
