using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Modeldrop.Standalone.Hosting;

internal static class HostLogging
{
    /// <summary>
    /// One line an event, UTC; the app's own from Information, the platform's from Warning. Configuration section Logging overrides.
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

        // Placed first: a rule of the configuration for the same category comes later and wins.
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

                // The server makes an activity for each request as long as this logger is on, and it has nothing to say: functions report
                // what they throw.
                options.Rules.Add(new LoggerFilterRule(null, "Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None, null));
            }));
}
