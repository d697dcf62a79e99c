using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Modeldrop.Standalone;

/// <summary>Decides whether this process runs timers and blob triggers for all processes of the account.</summary>
internal interface ILeadership
{
    /// <summary>Waits for the lead. The returned token is cancelled when the lease is lost or released.</summary>
    /// <returns>Completes when this host has become the leader.</returns>
    Task<CancellationToken> WaitUntilLeaderAsync(CancellationToken cancellationToken);
}

/// <summary>Leads while it holds the lease of one blob, and releases the lease at a graceful stop.</summary>
internal sealed partial class Leadership(
    HostStorage storage,
    IOptions<StandaloneOptions> options,
    TimeProvider clock,
    ILogger<Leadership> logger) : BackgroundService, ILeadership
{
    private const string LeaseBlob = "leader";

    // The token is cancelled this long before the lease can end on the service's clock, which started no later than ours.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(2);

    private TaskCompletionSource<CancellationToken> _leading = NewWait();

    public async Task<CancellationToken> WaitUntilLeaderAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task<CancellationToken> current = Volatile.Read(ref _leading).Task;
            CancellationToken leading = await current.WaitAsync(cancellationToken);
            if (!leading.IsCancellationRequested)
            {
                return leading;
            }

            // The lease was lost just now: the loop below creates a new wait in a moment.
            await Task.Delay(TimeSpan.FromMilliseconds(20), clock, cancellationToken);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await AcquireAsync(stoppingToken) is { } lease)
                {
                    await LeadAsync(lease.Client, lease.RequestedAt, stoppingToken);
                }
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // The storage SDK throws many exceptions when the store is unavailable; none of them may end the host.
                Log.Unreachable(logger, exception);
            }

            await DelayAsync(options.Value.LeaseAcquireInterval, stoppingToken);
        }
    }

    private static TaskCompletionSource<CancellationToken> NewWait() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <returns>Null while another host leads.</returns>
    private async Task<(BlobLeaseClient Client, long RequestedAt)?> AcquireAsync(CancellationToken cancellationToken)
    {
        BlobClient blob = storage.HostContainer.GetBlobClient(LeaseBlob);
        BlobLeaseClient lease = blob.GetBlobLeaseClient();
        for (bool created = false; ; created = true)
        {
            long requestedAt = clock.GetTimestamp();
            try
            {
                await lease.AcquireAsync(options.Value.LeaseDuration, cancellationToken: cancellationToken);
                return (lease, requestedAt);
            }
            catch (RequestFailedException exception) when (exception.Status == 409)
            {
                return null;
            }
            catch (RequestFailedException exception) when (exception.Status == 404 && !created)
            {
                await CreateBlobAsync(blob, cancellationToken);
            }
        }
    }

    private async Task CreateBlobAsync(BlobClient blob, CancellationToken cancellationToken)
    {
        await storage.HostContainer.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
        try
        {
            var onlyNew = new BlobUploadOptions { Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All } };
            await blob.UploadAsync(BinaryData.Empty, onlyNew, cancellationToken);
        }
        catch (RequestFailedException exception) when (exception.Status is 409 or 412)
        {
            // Another host created it.
        }
    }

    private async Task LeadAsync(BlobLeaseClient lease, long requestedAt, CancellationToken stoppingToken)
    {
        using var leading = new CancellationTokenSource(UntilUnproven(requestedAt), clock);
        _leading.TrySetResult(leading.Token);
        Log.Leads(logger);
        try
        {
            while (await DelayAsync(options.Value.LeaseRenewInterval, stoppingToken, leading.Token))
            {
                requestedAt = clock.GetTimestamp();
                if (await RenewAsync(lease, leading.Token, stoppingToken))
                {
                    leading.CancelAfter(UntilUnproven(requestedAt));
                }
            }
        }
        catch (RequestFailedException exception) when (exception.Status is 409 or 404)
        {
            Log.Lost(logger, exception);
        }
        finally
        {
            bool stillHeld = !leading.IsCancellationRequested;
            Volatile.Write(ref _leading, NewWait());
            await leading.CancelAsync();
            if (stillHeld && stoppingToken.IsCancellationRequested)
            {
                await ReleaseAsync(lease);
            }
        }
    }

    /// <returns>False if the service could not be reached; the lease may still be held then.</returns>
    private async Task<bool> RenewAsync(BlobLeaseClient lease, CancellationToken leading, CancellationToken stoppingToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(leading, stoppingToken);
        try
        {
            await lease.RenewAsync(cancellationToken: either.Token);
            return true;
        }
        catch (Exception) when (either.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception exception) when (exception is not RequestFailedException { Status: 409 or 404 })
        {
            Log.Unreachable(logger, exception);
            return false;
        }
    }

    private async Task ReleaseAsync(BlobLeaseClient lease)
    {
        try
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5), clock);
            await lease.ReleaseAsync(cancellationToken: patience.Token);
        }
        catch (Exception exception)
        {
            // The lease ends by itself in seconds.
            Log.NotReleased(logger, exception);
        }
    }

    private TimeSpan UntilUnproven(long requestedAt)
    {
        TimeSpan left = options.Value.LeaseDuration - Margin - clock.GetElapsedTime(requestedAt);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <returns>False when one of the tokens ended the delay.</returns>
    private async Task<bool> DelayAsync(TimeSpan delay, CancellationToken stoppingToken, CancellationToken leading = default)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(leading, stoppingToken);
        await Task.Delay(delay, clock, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !either.IsCancellationRequested;
    }

    private static partial class Log
    {
        [LoggerMessage(9020, LogLevel.Information, "This process leads: it runs timers and the blob trigger.")]
        public static partial void Leads(ILogger logger);

        [LoggerMessage(9021, LogLevel.Warning, "Another process leads now.")]
        public static partial void Lost(ILogger logger, Exception exception);

        [LoggerMessage(9022, LogLevel.Warning, "The storage account does not answer; the process tries again to lead.")]
        public static partial void Unreachable(ILogger logger, Exception exception);

        [LoggerMessage(9023, LogLevel.Warning, "The lease could not be released; it ends by itself.")]
        public static partial void NotReleased(ILogger logger, Exception exception);
    }
}
