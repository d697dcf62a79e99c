using Modeldrop.Monitoring;

namespace Modeldrop.Functions.Monitoring;

/// <summary>What happens by itself: new records are folded into profiles, champions are checked for drift.</summary>
public sealed class MonitoringTimers(MonitoringService monitoring)
{
    // Every five minutes: on a plan that scales to zero each run wakes an instance, and a check reads hours anyway.
    [Function(nameof(FoldPredictions))]
    public Task FoldPredictions([TimerTrigger("0 */5 * * * *")] TimerInfo timer, CancellationToken cancellationToken) => monitoring.FoldAllAsync(cancellationToken);

    // A quarter of an hour after the hour is full: its last records are folded.
    [Function(nameof(CheckDrift))]
    public Task CheckDrift([TimerTrigger("0 15 * * * *")] TimerInfo timer, CancellationToken cancellationToken) => monitoring.CheckAllAsync(cancellationToken);
}
