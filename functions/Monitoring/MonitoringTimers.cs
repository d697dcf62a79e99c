using Modeldrop.Functions.Lifecycle.Operations;
using Modeldrop.Lifecycle.Consequences;
using Modeldrop.Monitoring;
using Modeldrop.Monitoring.Alerts;

namespace Modeldrop.Functions.Monitoring;

/// <summary>
/// Scheduled monitoring: folds new records into profiles, checks champions for drift and by their feedback, takes the actions that a
/// manifest requests, and sends alerts.
/// </summary>
public sealed class MonitoringTimers(MonitoringService monitoring, MonitoringRounds rounds, AlertDelivery alerts)
{
    // Every five minutes: on a plan that scales to zero each run wakes an instance, and a check reads whole hours anyway.
    [Function(nameof(FoldPredictions))]
    public Task FoldPredictions([TimerTrigger("0 */5 * * * *")] TimerInfo timer, CancellationToken cancellationToken) =>
        monitoring.FoldAllAsync(cancellationToken);

    // A quarter of an hour after the full hour, when its last records are folded.
    [Function(nameof(CheckDrift))]
    public Task CheckDrift(
        [TimerTrigger("0 15 * * * *")] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken) =>
        rounds.CheckDriftAsync(new DurableOperations(client), cancellationToken);

    [Function(nameof(CheckPerformance))]
    public Task CheckPerformance(
        [TimerTrigger("0 35 * * * *")] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken) =>
        rounds.CheckPerformanceAsync(new DurableOperations(client), cancellationToken);

    // Together with the fold, so that no instance is woken for due alerts alone: a failed first attempt is repeated minutes later anyway.
    [Function(nameof(SendAlerts))]
    public Task SendAlerts([TimerTrigger("30 */5 * * * *")] TimerInfo timer, CancellationToken cancellationToken) =>
        alerts.DeliverAsync(cancellationToken);
}
