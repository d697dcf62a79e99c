using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Storage;

namespace Modeldrop.Predictions;

/// <summary>Accepts scored requests and writes them in packs in the background. Thread-safe.</summary>
/// <remarks>
/// <see cref="Append"/> does not wait: records in memory are lost when the process is killed, at most those of
/// <see cref="PredictionOptions.FlushInterval"/> and two writes (<see cref="OldestAge"/>). A graceful stop writes all.
/// <see cref="AppendDurablyAsync"/> completes when the record is stored. Requests that arrive during a write go into the next one.
/// </remarks>
public sealed partial class PredictionLog : IPredictionSink, IHostedService, IDisposable
{
    private const long NotWriting = long.MinValue;

    private readonly PredictionOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<PredictionLog> _logger;
    private readonly LogLosses _losses;
    private readonly PackWriter _writer;
    private readonly Channel<Entry> _queue = Channel.CreateUnbounded<Entry>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ConcurrentDictionary<ModelName, uint> _modelHashes = new();
    private readonly CancellationTokenSource _abort = new();
    private readonly uint _firstWriter = BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4));

    private TaskCompletionSource _wake = NewSignal();
    private Task _loop = Task.CompletedTask;
    private long _counter;
    private long _queuedRecords;
    private long _queuedBytes;
    private long _bufferedRecords;
    private long _bufferedBytes;
    private long _waitingSince;
    private long _writingSince = NotWriting;

    public PredictionLog(
        StorageAccount account, IOptions<PredictionOptions> options, TimeProvider clock, IMeterFactory meters,
        ILogger<PredictionLog> logger)
    {
        _options = options.Value;
        _clock = clock;
        _logger = logger;
        var counters = new LogMeters(
            meters, () => Interlocked.Read(ref _bufferedRecords), () => Interlocked.Read(ref _bufferedBytes), () => OldestAge.TotalSeconds);
        _losses = new LogLosses(counters, clock, logger);
        _writer = new PackWriter(account, _options, clock, counters, logger);
        // Two processes that drew the same writer number (with n processes in an hour: chance about n² / 2^33) still differ, unless this
        // draw collides too.
        _counter = RandomNumberGenerator.GetInt32(int.MaxValue);
    }

    /// <summary>Records lost since the start: the buffer was full, the store refused them, or the log had stopped.</summary>
    public long Dropped => _losses.Dropped;

    /// <summary>Records in memory that are not yet written.</summary>
    public long Buffered => Interlocked.Read(ref _bufferedRecords);

    /// <summary>How long the oldest record has been in memory, which is what a kill would lose. Zero when there is none.</summary>
    public TimeSpan OldestAge
    {
        get
        {
            long writing = Interlocked.Read(ref _writingSince);
            return writing != NotWriting ? _clock.GetElapsedTime(writing)
                : Interlocked.Read(ref _queuedRecords) > 0 ? _clock.GetElapsedTime(Interlocked.Read(ref _waitingSince))
                : TimeSpan.Zero;
        }
    }

    /// <summary>Returns a unique id, which determines where the record will be.</summary>
    public PredictionId NextId(ModelName model)
    {
        long number = Interlocked.Increment(ref _counter);
        return new PredictionId(
            _modelHashes.GetOrAdd(model, static name => PredictionId.HashOf(name)),
            PredictionId.HourOf(_clock.GetUtcNow()),
            // When the sequence overflows, the next writer number follows, so that keys ascend in every partition.
            unchecked(_firstWriter + (uint)(number >> 32)),
            unchecked((uint)number));
    }

    /// <summary>Adds the request to the buffer. If the buffer is full, the request is dropped and counted as lost.</summary>
    /// <returns>Whether it was accepted.</returns>
    public bool Append(ScoredRequest request)
    {
        if (TryEnqueue(request, null))
        {
            return true;
        }

        _losses.Drop(1);
        return false;
    }

    /// <summary>Completes when the record is stored.</summary>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.StoreUnavailable"/>: the buffer is full, or the store has refused the record or does not respond within
    /// <see cref="PredictionOptions.DurableTimeout"/>. In the last case the record may still be stored later.
    /// </exception>
    public async Task AppendDurablyAsync(ScoredRequest request, CancellationToken cancellationToken)
    {
        var stored = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        bool isStored = false;
        if (TryEnqueue(request, stored))
        {
            Volatile.Read(ref _wake).TrySetResult();
            try
            {
                isStored = await stored.Task.WaitAsync(_options.DurableTimeout, _clock, cancellationToken);
            }
            catch (TimeoutException)
            {
            }
            finally
            {
                // The caller has stopped waiting: if the record has not been written yet, it is dropped.
                stored.TrySetResult(false);
            }
        }

        if (!isStored)
        {
            throw new ServiceException(
                ErrorCode.StoreUnavailable,
                "The prediction could not be logged, and this model returns only logged predictions; try again in a moment.");
        }
    }

    private bool TryEnqueue(ScoredRequest request, TaskCompletionSource<bool>? done)
    {
        int bytes = request.EstimatedBytes;
        bool fits = Interlocked.Increment(ref _bufferedRecords) <= _options.BufferRecords
            & Interlocked.Add(ref _bufferedBytes, bytes) <= _options.BufferBytes;
        long now = _clock.GetTimestamp();
        request.Hold();
        if (!fits || !_queue.Writer.TryWrite(new Entry(request, bytes, done, now)))
        {
            request.Release();
            Release(1, bytes);
            return false;
        }

        long queued = Interlocked.Increment(ref _queuedRecords);
        if (queued == 1)
        {
            Interlocked.Exchange(ref _waitingSince, now);
        }

        if (queued >= _options.FlushRecords | Interlocked.Add(ref _queuedBytes, bytes) >= _options.FlushBytes)
        {
            Volatile.Read(ref _wake).TrySetResult();
        }

        return true;
    }

    /// <summary>Waits until all earlier requests are written (or lost and counted).</summary>
    public Task FlushAsync(CancellationToken cancellationToken)
    {
        var flushed = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_queue.Writer.TryWrite(new Entry(null, 0, flushed, _clock.GetTimestamp())))
        {
            return _loop.WaitAsync(cancellationToken);
        }

        Volatile.Read(ref _wake).TrySetResult();
        return flushed.Task.WaitAsync(cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _loop = Task.Run(RunAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <summary>
    /// Writes the buffered records. Records not written when <paramref name="cancellationToken"/> ends the wait are counted as dropped.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _queue.Writer.TryComplete();
        Volatile.Read(ref _wake).TrySetResult();
        using (cancellationToken.Register(_abort.Cancel))
        {
            await _loop;
        }
    }

    public void Dispose() => _abort.Dispose();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="Request">Null: a marker after everything that a flush waits for.</param>
    /// <param name="Done">
    /// Notifies a waiting caller whether the record is stored. Already completed: the caller has stopped waiting.
    /// </param>
    /// <param name="At">When the request was added, in the clock's timestamps.</param>
    private readonly record struct Entry(ScoredRequest? Request, int Bytes, TaskCompletionSource<bool>? Done, long At)
    {
        public bool IsWanted => Request is not null && Done is not { Task.IsCompleted: true };
    }

    private static partial class Log
    {
        [LoggerMessage(4001, LogLevel.Error, "The prediction log could not write {Records} records")]
        public static partial void WriteFailed(ILogger logger, int records, Exception exception);
    }
}
