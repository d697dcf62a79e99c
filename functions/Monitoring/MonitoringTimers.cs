using Modeldrop.Functions.Lifecycle;
using Modeldrop.Lifecycle;
using Modeldrop.Monitoring;
using Modeldrop.Monitoring.Drift;

namespace Modeldrop.Functions.Monitoring;

/// <summary>What happens by itself: new records are folded into profiles, champions are checked for drift, and what a manifest asks for follows.</summary>
public sealed class MonitoringTimers(MonitoringService monitoring, DriftConsequences consequences, OperationStarter operations)
{
    // Every five minutes: on a plan that scales to zero each run wakes an instance, and a check reads hours anyway.
    [Function(nameof(FoldPredictions))]
    public Task FoldPredictions([TimerTrigger("0 */5 * * * *")] TimerInfo timer, CancellationToken cancellationToken) => monitoring.FoldAllAsync(cancellationToken);

    // A quarter of an hour after the hour is full: its last records are folded.
    [Function(nameof(CheckDrift))]
    public Task CheckDrift([TimerTrigger("0 15 * * * *")] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken) =>
        monitoring.CheckAllAsync(report => FollowAsync(client, report, cancellationToken), cancellationToken);

    private async Task FollowAsync(DurableTaskClient client, DriftReport report, CancellationToken cancellationToken)
    {
        if (await consequences.DecideAsync(report, cancellationToken) is { } rollBack)
        {
            await operations.StartRollBackAsync(client, rollBack.Operation, rollBack.Input, cancellationToken);
        }
    }
}
