using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Modeldrop.Errors;
using Modeldrop.Storage;

namespace Modeldrop.Routing;

/// <summary>Lets the router poll the registry at an interval, even while the store fails.</summary>
internal sealed partial class TrafficRefresher(
    TrafficRouter router, IOptions<RoutingOptions> options, TimeProvider clock, ILogger<TrafficRefresher> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.RefreshInterval, clock);
        bool failing = false;
        do
        {
            try
            {
                await router.PollAsync(force: false, stoppingToken);
                if (failing)
                {
                    Log.Recovered(logger);
                }

                failing = false;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // This loop must survive every failure. It is logged once, not twice a second.
                if (!failing && exception is ServiceException)
                {
                    Log.StoreFailed(logger, exception);
                }
                else if (!failing)
                {
                    Log.Failed(logger, exception);
                }

                failing = true;
            }
        }
        while (await timer.NextAsync(stoppingToken));
    }

    private static partial class Log
    {
        [LoggerMessage(3530, LogLevel.Warning, "The registry cannot be read; requests are routed as before")]
        public static partial void StoreFailed(ILogger logger, Exception exception);

        [LoggerMessage(3531, LogLevel.Error, "Routing could not be refreshed; requests are routed as before")]
        public static partial void Failed(ILogger logger, Exception exception);

        [LoggerMessage(3532, LogLevel.Information, "The registry can be read again")]
        public static partial void Recovered(ILogger logger);
    }
}
