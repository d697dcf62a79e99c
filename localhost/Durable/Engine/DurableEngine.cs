using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Modeldrop.LocalHost.Durable.Store;

namespace Modeldrop.LocalHost.Durable.Engine;

/// <summary>Runs orchestrations and activities while this host leads.</summary>
internal sealed partial class DurableEngine(
    ILeadership leadership,
    DurableStore store,
    InstanceQueries queries,
    WakeTable wakes,
    DurableFunctions functions,
    DataConverter converter,
    InstanceSignals signals,
    IOptions<DurableOptions> options,
    TimeProvider clock,
    ILoggerFactory loggers) : IHostedService, IDisposable
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _abort = new();
    private readonly ILogger _logger = loggers.CreateLogger<DurableEngine>();
    private Task _running = Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await store.EnsureCreatedAsync(cancellationToken);
        _running = Task.Run(LeadAsync, CancellationToken.None);
    }

    /// <summary>Waits for what runs, as long as the host lets us.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _abort.CancelAsync();
        await _running;
    }

    public void Dispose()
    {
        _stop.Dispose();
        _abort.Dispose();
    }

    private async Task LeadAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                CancellationToken lost = await leadership.WaitUntilLeaderAsync(_stop.Token);
                using var session = new LeaderSession(store, queries, wakes, functions, converter, signals, options.Value, clock, loggers);
                signals.Lead(session.Wake);
                await session.RunAsync(lost, _stop.Token, _abort.Token);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                Log.SessionFailed(_logger, exception);
                await Task.Delay(RetryAfter, clock, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            finally
            {
                signals.Lead(null);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(705, LogLevel.Error, "Running orchestrations has failed; starting over.")]
        public static partial void SessionFailed(ILogger logger, Exception exception);
    }
}
