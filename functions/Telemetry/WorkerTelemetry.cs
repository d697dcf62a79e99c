using Microsoft.Extensions.Logging;

namespace Modeldrop.Functions.Telemetry;

/// <summary>Sends logs and traces of the isolated worker to Application Insights, over its own connection.</summary>
internal static class WorkerTelemetry
{
    private const string InsightsLogger = "Microsoft.Extensions.Logging.ApplicationInsights.ApplicationInsightsLoggerProvider";

    /// <summary>Sends the app's logs at Information and above, and the platform's at Warning and above.</summary>
    /// <remarks>
    /// The worker sends its logs itself, with the identity in <c>APPLICATIONINSIGHTS_AUTHENTICATION_STRING</c>, so the host's levels in
    /// host.json do not apply to them.
    /// </remarks>
    public static IServiceCollection AddWorkerTelemetry(this IServiceCollection services)
    {
        services.AddApplicationInsightsTelemetryWorkerService();
        services.ConfigureFunctionsApplicationInsights();
        return services.Configure<LoggerFilterOptions>(options =>
        {
            // By default Application Insights drops logs below Warning: drift checks and promotions are Information.
            foreach (LoggerFilterRule rule in options.Rules.Where(rule => rule.ProviderName == InsightsLogger).ToList())
            {
                options.Rules.Remove(rule);
            }

            options.Rules.Add(new LoggerFilterRule(InsightsLogger, null, LogLevel.Warning, null));
            options.Rules.Add(new LoggerFilterRule(InsightsLogger, "Modeldrop", LogLevel.Information, null));

            // The web server logs two lines per request, which the host would store.
            options.Rules.Add(new LoggerFilterRule(null, "Microsoft.AspNetCore", LogLevel.Warning, null));
        });
    }
}
