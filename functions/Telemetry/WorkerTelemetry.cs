using Microsoft.Extensions.Logging;

namespace Modeldrop.Functions.Telemetry;

/// <summary>Logs and traces of the isolated worker: to Application Insights, by its own connection.</summary>
internal static class WorkerTelemetry
{
    private const string InsightsLogger = "Microsoft.Extensions.Logging.ApplicationInsights.ApplicationInsightsLoggerProvider";

    /// <summary>Sends what the app logs from Information on, and what the platform logs from Warning on.</summary>
    /// <remarks>
    /// The worker sends its logs itself, by the identity of <c>APPLICATIONINSIGHTS_AUTHENTICATION_STRING</c>, so the levels of
    /// host.json, which are the host's, do not apply to them.
    /// </remarks>
    public static IServiceCollection AddWorkerTelemetry(this IServiceCollection services)
    {
        services.AddApplicationInsightsTelemetryWorkerService();
        services.ConfigureFunctionsApplicationInsights();
        return services.Configure<LoggerFilterOptions>(options =>
        {
            // By default Application Insights takes nothing below Warning: drift checks and promotions are Information.
            foreach (LoggerFilterRule rule in options.Rules.Where(rule => rule.ProviderName == InsightsLogger).ToList())
            {
                options.Rules.Remove(rule);
            }

            options.Rules.Add(new LoggerFilterRule(InsightsLogger, null, LogLevel.Warning, null));
            options.Rules.Add(new LoggerFilterRule(InsightsLogger, "Modeldrop", LogLevel.Information, null));

            // The web server says two lines a request, which the host would store.
            options.Rules.Add(new LoggerFilterRule(null, "Microsoft.AspNetCore", LogLevel.Warning, null));
        });
    }
}
