using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Modeldrop.Standalone.Hosting;

internal static class HostLogging
{
    /// <summary>
    /// Logs one line an event, in UTC: the app's own events from Information, the platform's from Warning. The configuration section
    /// Logging overrides this.
    /// </summary>
    public static void Configure(ILoggingBuilder logging)
    {
        logging.ClearProviders();
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
        });

        // Inserted first: a rule of the configuration for the same category comes later and wins.
        logging.Services.Insert(0, Rules());
    }

    private static ServiceDescriptor Rules() =>
        ServiceDescriptor.Singleton<IConfigureOptions<LoggerFilterOptions>>(
            new ConfigureOptions<LoggerFilterOptions>(options =>
            {
                foreach (string platform in (string[])["Microsoft", "System", "Azure", "DurableTask"])
                {
                    options.Rules.Add(new LoggerFilterRule(null, platform, LogLevel.Warning, null));
                }

                // While this logger is on, the server creates an activity for each request. The logger adds nothing: functions report their
                // own exceptions.
                options.Rules.Add(new LoggerFilterRule(null, "Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None, null));
            }));
}
