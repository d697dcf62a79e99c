using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Modeldrop.LocalHost.Blobs;

/// <summary>Runs the blob triggers while this host leads.</summary>
internal sealed partial class BlobTriggerService(
    IReadOnlyList<LocalFunction> functions,
    FunctionRunner runner,
    HostStorage storage,
    BlobReceipts receipts,
    IConfiguration configuration,
    IOptions<LocalHostOptions> options,
    ILeadership leadership,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<BlobTriggerService> logger) : BackgroundService
{
    private static readonly TimeSpan PauseAfterStoreFailure = TimeSpan.FromSeconds(2);

    // Runs go on when the host is told to stop; this ends them when the time for that is over.
    private readonly CancellationTokenSource _abort = new();

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await using CancellationTokenRegistration abort = cancellationToken.Register(_abort.Cancel);
        await base.StopAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _abort.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        await Task.WhenAll(functions.Select(function => ListenAsync(function, stopping.Token)));
    }

    private async Task ListenAsync(LocalFunction function, CancellationToken stopping)
    {
        var trigger = (BlobTriggerAttribute)function.Trigger;
        BlobPath path = BlobTriggerKind.FindPath(trigger, configuration, out _)!;
        using var listener = new BlobTriggerListener(
            function, path, storage.Container(trigger.Connection, path.Container), receipts, runner, options.Value, clock, logger);
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                CancellationToken leading = await leadership.WaitUntilLeaderAsync(stopping);
                using var wait = CancellationTokenSource.CreateLinkedTokenSource(leading, stopping);
                using var run = CancellationTokenSource.CreateLinkedTokenSource(leading, _abort.Token);
                await listener.ListenAsync(wait.Token, run.Token);
            }
            catch (OperationCanceledException)
            {
                // Stopping, or another host leads: both are seen above.
            }
            catch (Exception exception)
            {
                // The storage SDK has many exceptions for "does not answer"; none of them may end the host.
                Log.StoreFailed(logger, exception, function.Name);
                await Task.Delay(PauseAfterStoreFailure, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(9033, LogLevel.Warning, "The blobs or receipts of function {Function} could not be read; it is tried again.")]
        public static partial void StoreFailed(ILogger logger, Exception exception, string function);
    }
}
