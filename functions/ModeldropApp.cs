using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Configuration;
using Modeldrop.Access;
using Modeldrop.Drops;
using Modeldrop.Errors;
using Modeldrop.Events;
using Modeldrop.Exchange;
using Modeldrop.Functions.Access;
using Modeldrop.Functions.Http;
using Modeldrop.Functions.Lifecycle.Operations;
using Modeldrop.Functions.Lifecycle.Registration;
using Modeldrop.Functions.Registry;
using Modeldrop.Functions.Tracking;
using Modeldrop.Lifecycle;
using Modeldrop.Monitoring;
using Modeldrop.Predictions;
using Modeldrop.Probe;
using Modeldrop.Registry;
using Modeldrop.Routing;
using Modeldrop.Scoring;
using Modeldrop.Signing;
using Modeldrop.Site;
using Modeldrop.Storage;
using Modeldrop.Telemetry;
using Modeldrop.Tracking;
using Modeldrop.Webhooks;

namespace Modeldrop.Functions;

/// <summary>The app, as both programs compose it: the isolated worker and <c>standalone/</c>.</summary>
public static class ModeldropApp
{
    /// <summary>Bytes of a request's body: what the Functions host itself lets through. The web server's own limit is 30 MB.</summary>
    public const long MaxRequestBytes = 100L << 20;

    /// <summary>
    /// The web server's queues, by default one for each processor, receive and send for their connections one after the other: while one
    /// connection sends a large body, answers of others wait. Without queues the thread pool does it (<c>bench/scoring.sh attack</c>).
    /// </summary>
    private const int NoQueues = 0;

    /// <summary>Adds every room.</summary>
    public static IServiceCollection AddModeldrop(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<RefusalMeter>();
        services.Configure<KestrelServerOptions>(server => server.Limits.MaxRequestBodySize = MaxRequestBytes);
        services.Configure<SocketTransportOptions>(transport => transport.IOQueueCount = NoQueues);
        services
            .AddTelemetry(configuration)
            .AddStorage(configuration)
            .AddAccess(configuration)
            .AddRegistry(configuration)
            .AddDrops()
            .AddSigning(configuration)
            .AddExchange(configuration)
            .AddPredictions(configuration)
            .AddRouting(configuration)
            .AddScoring(configuration)
            .AddProbe(configuration)
            .AddWebhooks(configuration)
            .AddEvents(configuration)
            .AddMonitoring(configuration)
            .AddLifecycle(configuration)
            .AddTracking()
            .AddSite();
        return services.AddSingleton<LateArrival>().AddSingleton<OperationCanceller>().AddSingleton<OperationReading>()
            .AddSingleton<VersionFinder>().AddSingleton<WorkflowEntry>().AddSingleton<DropPace>()
            .AddSingleton<TrackingAccess>().AddSingleton<VersionFields>().AddSingleton<IntakeOperations>().AddAuthenticator(configuration);
    }

    /// <summary>Adds what runs around every function.</summary>
    public static IFunctionsWorkerApplicationBuilder UseModeldrop(this IFunctionsWorkerApplicationBuilder app) =>
        app.UseMiddleware<ResponseHeaders>().UseMiddleware<ErrorMiddleware>().UseMiddleware<AccessMiddleware>();
}
