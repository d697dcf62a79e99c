using Microsoft.Extensions.Logging;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Monitoring;
using Modeldrop.Monitoring.Alerts;
using Modeldrop.Monitoring.Drift;

namespace Modeldrop.Lifecycle.Consequences;

/// <summary>The hourly rounds over all champions: compare, do what their manifests request, send the alerts.</summary>
public sealed partial class MonitoringRounds(
    MonitoringService monitoring, DriftConsequences consequences, DegradationCheck degradation, AlertDelivery alerts,
    ILogger<MonitoringRounds> logger)
{
    /// <summary>Checks every champion for drift. A failure for one model does not stop the others.</summary>
    public async Task CheckDriftAsync(IOperations operations, CancellationToken cancellationToken)
    {
        await foreach (DriftReport report in monitoring.CheckChampionsAsync(cancellationToken))
        {
            try
            {
                await consequences.FollowAsync(report, operations, cancellationToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                Log.Failed(logger, exception, report.Model.Value);
            }
        }

        await alerts.DeliverAsync(cancellationToken);
    }

    /// <summary>Judges every champion by its feedback.</summary>
    public async Task CheckPerformanceAsync(IOperations operations, CancellationToken cancellationToken)
    {
        await degradation.CheckAllAsync(operations, cancellationToken);
        await alerts.DeliverAsync(cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(7033, LogLevel.Error, "The consequences of the drift of '{Model}' failed; the next run tries again")]
        public static partial void Failed(ILogger logger, Exception exception, string model);
    }
}
