using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Logging;
using Modeldrop.Standalone.Invocation;

namespace Modeldrop.Standalone.Blobs;

/// <summary>Lists the container of one function and runs it for new and changed blobs, while this host leads.</summary>
internal sealed partial class BlobTriggerListener(
    StandaloneFunction function,
    BlobPath path,
    BlobContainerClient container,
    BlobReceipts receipts,
    FunctionRunner runner,
    StandaloneOptions options,
    TimeProvider clock,
    ILogger logger) : IDisposable
{
    private readonly FunctionExecutionDelegate _pipeline = runner.Pipeline(function);
    private readonly SemaphoreSlim _slots = new(options.BlobParallelism);

    /// <param name="wait">Ends the listening: another host leads, or this one stops.</param>
    /// <param name="run">Ends the runs.</param>
    /// <returns>Completes when all runs have ended.</returns>
    public async Task ListenAsync(CancellationToken wait, CancellationToken run)
    {
        var work = new BlobWork(await receipts.LoadAsync(function.Name, path.Container, wait), options.BlobRetryDelay);
        List<Task> running = [];
        try
        {
            for (TimeSpan pause = options.BlobPollInterval; ; )
            {
                List<ListedBlob> taken = work.Take(await ListAsync(wait), clock.GetUtcNow(), out List<string> gone);
                running.RemoveAll(task => task.IsCompleted);
                running.AddRange(taken.Select(blob => RunAsync(blob, work, wait, run)));
                await ForgetAsync(gone, work, wait);

                // Running blobs need no listing: during a burst, listing everything that has arrived is work in itself.
                pause = work.IsRetried || taken.Count > 0 || gone.Count > 0 ? options.BlobPollInterval : Longer(pause);
                await Task.Delay(pause, clock, wait);
            }
        }
        finally
        {
            await Task.WhenAll(running);
        }
    }

    public void Dispose() => _slots.Dispose();

    private TimeSpan Longer(TimeSpan pause) => pause * 1.5 < options.BlobIdleInterval ? pause * 1.5 : options.BlobIdleInterval;

    private async Task<List<ListedBlob>> ListAsync(CancellationToken cancellationToken)
    {
        List<(ListedBlob Blob, DateTimeOffset? Modified)> blobs = [];
        try
        {
            await foreach (BlobItem item in container.GetBlobsAsync(BlobTraits.None, BlobStates.None, path.Prefix, cancellationToken))
            {
                if (path.Match(item.Name) is { } tokens && item.Properties.ETag is { } version)
                {
                    tokens["BlobTrigger"] = $"{container.Name}/{item.Name}";
                    blobs.Add((new ListedBlob(item.Name, version.ToString(), tokens), item.Properties.LastModified));
                }
            }
        }
        catch (RequestFailedException exception) when (exception.Status == 404)
        {
            // The container does not exist yet.
        }

        return [.. blobs.OrderBy(blob => blob.Modified).Select(blob => blob.Blob)];
    }

    private async Task RunAsync(ListedBlob blob, BlobWork work, CancellationToken wait, CancellationToken run)
    {
        bool entered = false;
        try
        {
            // Not started when the host stops: the next start finds it.
            await _slots.WaitAsync(wait);
            entered = true;
            await runner.RunAsync(function, _pipeline, container.GetBlobClient(blob.Name), blob.Tokens, run);
            await WriteReceiptAsync(blob, () => receipts.SetDoneAsync(function.Name, path.Container, blob.Name, blob.Version, run), run);
            work.SetDone(blob);
        }
        catch (Exception) when (run.IsCancellationRequested || (!entered && wait.IsCancellationRequested))
        {
            work.PutBack(blob);
        }
        catch (Exception exception)
        {
            await OnFailureAsync(blob, work, exception, run);
        }
        finally
        {
            if (entered)
            {
                _slots.Release();
            }
        }
    }

    private async Task OnFailureAsync(ListedBlob blob, BlobWork work, Exception exception, CancellationToken cancellationToken)
    {
        int failures = work.SetFailed(blob, clock.GetUtcNow());
        if (failures < BlobWork.MaxRuns)
        {
            Log.Failed(logger, exception, function.Name, path.Container, blob.Name, failures, BlobWork.MaxRuns);
            return;
        }

        Log.Poisoned(logger, exception, function.Name, path.Container, blob.Name, failures);
        try
        {
            await WriteReceiptAsync(
                blob, () => receipts.SetPoisonAsync(
                    function.Name, path.Container, blob.Name, blob.Version, exception, cancellationToken), cancellationToken);
            work.SetDone(blob);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            work.PutBack(blob);
        }
    }

    // The function has run, so it must not be repeated because the store fails now.
    private async Task WriteReceiptAsync(ListedBlob blob, Func<Task> write, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await write();
                return;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                Log.NoReceipt(logger, exception, function.Name, path.Container, blob.Name);
                await Task.Delay(options.BlobIdleInterval, clock, cancellationToken);
            }
        }
    }

    private async Task ForgetAsync(List<string> gone, BlobWork work, CancellationToken cancellationToken)
    {
        foreach (string name in gone)
        {
            await receipts.DeleteAsync(function.Name, path.Container, name, cancellationToken);
            work.Forget(name);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(9030, LogLevel.Warning, "Function {Function} failed for blob {Container}/{Blob} (run {Run} of {MaxRuns}).")]
        public static partial void Failed(
            ILogger logger, Exception exception, string function, string container, string blob, int run, int maxRuns);

        [LoggerMessage(9031, LogLevel.Error,
            "Function {Function} failed {Runs} times for blob {Container}/{Blob}: the blob is ignored until it changes.")]
        public static partial void Poisoned(ILogger logger, Exception exception, string function, string container, string blob, int runs);

        [LoggerMessage(9032, LogLevel.Warning,
            "The receipt of function {Function} for blob {Container}/{Blob} could not be written; the host tries again.")]
        public static partial void NoReceipt(ILogger logger, Exception exception, string function, string container, string blob);
    }
}
