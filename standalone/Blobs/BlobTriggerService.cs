using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Modeldrop.Standalone.Invocation;

namespace Modeldrop.Standalone.Blobs;

/// <summary>Runs the blob triggers while this host leads.</summary>
internal sealed class BlobTriggerService(
    IReadOnlyList<StandaloneFunction> functions,
    FunctionRunner runner,
    HostStorage storage,
    BlobReceipts receipts,
    IConfiguration configuration,
    IOptions<StandaloneOptions> options,
    ILeadership leadership,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<BlobTriggerService> logger) : LeaderService(functions, leadership, lifetime, clock, logger)
{
    private readonly TimeProvider _clock = clock;
    private readonly ILogger _logger = logger;

    protected override async Task LeadAsync(StandaloneFunction function, CancellationToken leading, CancellationToken stopping)
    {
        var trigger = (BlobTriggerAttribute)function.Trigger;
        string text = SettingReferences.Resolve(trigger.BlobPath, configuration, out string? missing)
            ?? throw new InvalidOperationException(
                $"The blob path '{trigger.BlobPath}' names the setting '{missing}', which is not set.");
        BlobPath path = BlobPath.Parse(text, out string? error) ?? throw new InvalidOperationException(error);
        using var listener = new BlobTriggerListener(
            function, path, storage.Container(path.Container), receipts, runner, options.Value, _clock, _logger);
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(leading, stopping);
        using var run = CancellationTokenSource.CreateLinkedTokenSource(leading, Abort);
        await listener.ListenAsync(wait.Token, run.Token);
    }
}
