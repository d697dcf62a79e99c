using DurableTask.AzureStorage;
using DurableTask.Core;
using Microsoft.DurableTask.Worker;
using Microsoft.DurableTask.Worker.Shims;
using Microsoft.Extensions.Logging;
using Modeldrop.Standalone.Invocation;

namespace Modeldrop.Standalone.Durable;

/// <summary>Runs orchestrations and activities in this process for its lifetime.</summary>
internal sealed partial class DurableService(
    IReadOnlyList<StandaloneFunction> functions,
    AzureStorageOrchestrationService service,
    FunctionRunner runner,
    ILoggerFactory loggers,
    ILogger<DurableService> logger) : IHostedService, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskHubWorker _worker = TaskHub.CreateWorker(service, loggers);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var shims = new DurableTaskShimFactory(new DurableTaskWorkerOptions(), loggers);
        new DurableFunctions(runner, shims, _stopping.Token).AddTo(_worker, functions);
        await service.CreateIfNotExistsAsync();
        await _worker.StartAsync();
        Log.Runs(logger);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _worker.StopAsync(isForced: false).WaitAsync(cancellationToken);
    }

    public void Dispose()
    {
        _worker.Dispose();
        _stopping.Dispose();
    }

    private static partial class Log
    {
        [LoggerMessage(9050, LogLevel.Information, "This process runs operations.")]
        public static partial void Runs(ILogger logger);
    }
}
