using Modeldrop.Functions.Lifecycle.Operations;
using Modeldrop.Lifecycle.Retention;

namespace Modeldrop.Functions.Lifecycle.Retention;

/// <summary>Cleans up once a day.</summary>
public sealed class RetentionTimer(RetentionService retention)
{
    // At night in UTC, apart from all other timers.
    [Function(nameof(RunRetention))]
    public Task RunRetention(
        [TimerTrigger("0 40 3 * * *")] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken) =>
        retention.RunAsync(new DurableOperations(client), cancellationToken);
}
