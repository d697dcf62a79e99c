namespace Modeldrop.Predictions;

// The single writer: collects queued requests and stores them.
public sealed partial class PredictionLog
{
    private async Task RunAsync()
    {
        while (await _queue.Reader.WaitToReadAsync())
        {
            await GatherAsync();
            // Requests from here on trigger the next round, even when this round writes them.
            Volatile.Write(ref _wake, NewSignal());
            await WriteQueuedAsync();
        }
    }

    /// <summary>Waits for more records, at most for the flush interval.</summary>
    private async Task GatherAsync()
    {
        bool enough = Interlocked.Read(ref _queuedRecords) >= _options.FlushRecords
            || Interlocked.Read(ref _queuedBytes) >= _options.FlushBytes;
        if (enough || _queue.Reader.Completion.IsCompleted || _abort.IsCancellationRequested)
        {
            return;
        }

        using var elapsed = new CancellationTokenSource();
        await Task.WhenAny(Volatile.Read(ref _wake).Task, Task.Delay(_options.FlushInterval, _clock, elapsed.Token));
        await elapsed.CancelAsync();
    }

    private async Task WriteQueuedAsync()
    {
        var entries = new List<Entry>();
        int records = 0;
        long bytes = 0;
        while (records < _options.FlushRecords && bytes < _options.FlushBytes && _queue.Reader.TryRead(out Entry entry))
        {
            entries.Add(entry);
            bytes += entry.Bytes;
            records += entry.Request is null ? 0 : 1;
        }

        Interlocked.Exchange(ref _writingSince, records > 0 ? entries[0].At : NotWriting);
        Interlocked.Add(ref _queuedRecords, -records);
        Interlocked.Add(ref _queuedBytes, -bytes);
        if (records > 0)
        {
            IReadOnlyCollection<ScoredRequest> lost = await WriteAsync([.. entries.Where(entry => entry.IsWanted)
                .Select(entry => entry.Request!)]);
            Release(records, bytes);
            ReportLost(entries, lost);
            entries.ForEach(entry => entry.Request?.Release());
            Interlocked.Exchange(ref _writingSince, NotWriting);
        }

        entries.ForEach(entry => entry.Done?.TrySetResult(true));
    }

    /// <returns>Records that could not be written.</returns>
    private async Task<IReadOnlyCollection<ScoredRequest>> WriteAsync(List<ScoredRequest> records)
    {
        try
        {
            return await _writer.WriteAsync(records, _abort.Token);
        }
        catch (OperationCanceledException) when (_abort.IsCancellationRequested)
        {
            return records;
        }
#pragma warning disable CA1031 // A process boundary: whatever a bug throws here, the next records must be written.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.WriteFailed(_logger, records.Count, exception);
            return records;
        }
    }

    /// <summary>Fails the records that callers wait for; counts the others.</summary>
    private void ReportLost(List<Entry> entries, IReadOnlyCollection<ScoredRequest> lost)
    {
        if (lost.Count == 0)
        {
            return;
        }

        var known = new HashSet<ScoredRequest>(lost, ReferenceEqualityComparer.Instance);
        int dropped = 0;
        foreach (Entry entry in entries.Where(entry => entry.Request is { } request && known.Contains(request)))
        {
            if (entry.Done is null)
            {
                dropped++;
            }

            entry.Done?.TrySetResult(false);
        }

        _losses.Drop(dropped);
    }

    private void Release(int records, long bytes)
    {
        Interlocked.Add(ref _bufferedRecords, -records);
        Interlocked.Add(ref _bufferedBytes, -bytes);
    }
}
