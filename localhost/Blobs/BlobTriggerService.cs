using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Modeldrop.LocalHost.Blobs;

/// <summary>Runs the blob triggers while this host leads.</summary>
internal sealed class BlobTriggerService(
    IReadOnlyList<LocalFunction> functions,
    FunctionRunner runner,
    HostStorage storage,
    BlobReceipts receipts,
    IConfiguration configuration,
    IOptions<LocalHostOptions> options,
    ILeadership leadership,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<BlobTriggerService> logger) : LeaderService(functions, leadership, lifetime, clock, logger)
{
    private readonly TimeProvider _clock = clock;
    private readonly ILogger _logger = logger;

    protected override async Task LeadAsync(LocalFunction function, CancellationToken leading, CancellationToken stopping)
    {
        var trigger = (BlobTriggerAttribute)function.Trigger;
        BlobPath path = BlobTriggerKind.FindPath(trigger, configuration, out _)!;
        using var listener = new BlobTriggerListener(
            function, path, storage.Container(trigger.Connection, path.Container), receipts, runner, options.Value, _clock, _logger);
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(leading, stopping);
        using var run = CancellationTokenSource.CreateLinkedTokenSource(leading, Abort);
        await listener.ListenAsync(wait.Token, run.Token);
    }
}
