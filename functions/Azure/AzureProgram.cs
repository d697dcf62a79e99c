using Microsoft.Extensions.Logging;

/// <summary>What the program does besides serving when it runs in Azure: telemetry.</summary>
internal partial class Program
{
    private const string InsightsLogger = "Microsoft.Extensions.Logging.ApplicationInsights.ApplicationInsightsLoggerProvider";

    static partial void AddAzure(FunctionsApplicationBuilder builder)
    {
        // With these the worker sends its logs itself, by the identity of APPLICATIONINSIGHTS_AUTHENTICATION_STRING, so the levels of
        // host.json, which are the host's, say nothing of them.
        builder.Services.AddApplicationInsightsTelemetryWorkerService();
        builder.Services.ConfigureFunctionsApplicationInsights();

        // Application Insights lets nothing below Warning through unless it is told otherwise: drift checks and promotions are Information.
        builder.Logging.Services.Configure<LoggerFilterOptions>(options =>
        {
            foreach (LoggerFilterRule rule in options.Rules.Where(rule => rule.ProviderName == InsightsLogger).ToList())
            {
                options.Rules.Remove(rule);
            }

            options.Rules.Add(new LoggerFilterRule(InsightsLogger, null, LogLevel.Warning, null));
            options.Rules.Add(new LoggerFilterRule(InsightsLogger, "Modeldrop", LogLevel.Information, null));
        });
    }
}
