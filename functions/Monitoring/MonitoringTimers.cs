using Modeldrop.Functions.Lifecycle.Operations;
using Modeldrop.Lifecycle.Consequences;
using Modeldrop.Monitoring;
using Modeldrop.Monitoring.Alerts;

namespace Modeldrop.Functions.Monitoring;

/// <summary>
/// What happens by itself: new records are folded into profiles, champions are checked for drift and by their feedback, what a manifest
/// asks for follows, and alerts are sent.
/// </summary>
public sealed class MonitoringTimers(MonitoringService monitoring, MonitoringRounds rounds, AlertDelivery alerts)
{
    // Every five minutes: on a plan that scales to zero each run wakes an instance, and a check reads hours anyway.
    [Function(nameof(FoldPredictions))]
    public Task FoldPredictions([TimerTrigger("0 */5 * * * *")] TimerInfo timer, CancellationToken cancellationToken) =>
        monitoring.FoldAllAsync(cancellationToken);

    // A quarter of an hour after the hour is full: its last records are folded.
    [Function(nameof(CheckDrift))]
    public Task CheckDrift(
        [TimerTrigger("0 15 * * * *")] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken) =>
        rounds.CheckDriftAsync(new DurableOperations(client), cancellationToken);

    [Function(nameof(CheckPerformance))]
    public Task CheckPerformance(
        [TimerTrigger("0 35 * * * *")] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken) =>
        rounds.CheckPerformanceAsync(new DurableOperations(client), cancellationToken);

    // With the fold, so that no instance is woken for what is due alone: what fails first is tried again minutes later anyway.
    [Function(nameof(SendAlerts))]
    public Task SendAlerts([TimerTrigger("30 */5 * * * *")] TimerInfo timer, CancellationToken cancellationToken) =>
        alerts.DeliverAsync(cancellationToken);
}
