using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;
using Modeldrop.Errors;
using Modeldrop.Speed;
using ErrorCode = Modeldrop.Errors.ErrorCode;

namespace Modeldrop.Scoring.Sessions;

/// <summary>Why a run is ended early.</summary>
internal enum RunEnd
{
    None,
    NoCaller,
    TooLong,
    Stopping,
}

/// <summary>
/// The resources that a run uses exclusively and passes on to the next one: the options that can end it, and memory. One run at a time.
/// </summary>
/// <remarks>ONNX Runtime checks the options between two nodes of a graph and between two iterations of a loop.</remarks>
internal sealed class RunLane(RunSlot? slot) : IDisposable
{
    private readonly Lock _changing = new();
    private RunCall _call;
    private long _startedAt;
    private bool _isOnPool;
    private Action? _lower;
    private RunEnd _end;

    public RunOptions Options { get; } = new() { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };

    /// <summary>Whether the present run has low priority from the start.</summary>
    public bool IsLow => _call.IsLow;

    /// <summary>Null when slots cannot run the graph.</summary>
    public RunSlot? Slot => slot;

    public void Begin(in RunCall call)
    {
        lock (_changing)
        {
            _call = call;
            _startedAt = Stopwatch.GetTimestamp();
            _isOnPool = Thread.CurrentThread.IsThreadPoolThread;
        }
    }

    /// <summary>Says what lowers the priority of the present run; null: nothing does, or no longer.</summary>
    public void LowerBy(Action? lower)
    {
        lock (_changing)
        {
            _lower = lower;
        }
    }

    /// <summary>Must be called when the run is over, however it ended.</summary>
    /// <returns>The duration of the run.</returns>
    public TimeSpan Finish()
    {
        lock (_changing)
        {
            TimeSpan time = Stopwatch.GetElapsedTime(_startedAt);
            _startedAt = 0;
            _call = default;
            if (_end != RunEnd.None)
            {
                _end = RunEnd.None;
                Options.Terminate = false;
            }

            return time;
        }
    }

    /// <summary>Ends the run if there is a reason to, and lowers its priority if it is a long loop.</summary>
    /// <param name="maxTime">Maximum time of a run.</param>
    /// <returns>How long the run has taken so far, zero without a run; and whether it holds a thread of the pool.</returns>
    public (TimeSpan Time, bool HoldsPool) Watch(TimeSpan maxTime, bool isStopping)
    {
        lock (_changing)
        {
            if (_startedAt == 0)
            {
                return default;
            }

            TimeSpan time = Stopwatch.GetElapsedTime(_startedAt);
            RunEnd end = isStopping ? RunEnd.Stopping : time > maxTime ? RunEnd.TooLong : _call.HasNoCaller ? RunEnd.NoCaller : RunEnd.None;
            if (_end == RunEnd.None && end != RunEnd.None)
            {
                _end = end;
                Options.Terminate = true;
            }

            if (time > RunWatch.LongLoop)
            {
                _lower?.Invoke();
            }

            return (time, _isOnPool);
        }
    }

    /// <exception cref="OperationCanceledException">The run was ended because its callers have gone.</exception>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.ScoringFailed"/> when the run took too long; <see cref="ErrorCode.ModelOverloaded"/> when the process stops.
    /// </exception>
    public void ThrowIfEnded(Exception cause)
    {
        lock (_changing)
        {
            switch (_end)
            {
                case RunEnd.NoCaller:
                    throw new OperationCanceledException("The run was ended: its callers have gone.", cause, _call.Caller);
                case RunEnd.TooLong:
                    TimeSpan time = Stopwatch.GetElapsedTime(_startedAt);
                    throw new ServiceException(ErrorCode.ScoringFailed,
                        $"The run was ended after {time.TotalSeconds:0.#} s, because it exceeded the limit for runs (Scoring__MaxRunTime). "
                        + "Send fewer rows, or smaller values if they are loop counts.",
                        cause);
                case RunEnd.Stopping:
                    throw new ServiceException(
                        ErrorCode.ModelOverloaded, "The run was ended because this instance is stopping; send the request again.", cause);
                default:
                    return;
            }
        }
    }

    public void Dispose()
    {
        slot?.Dispose();
        Options.Dispose();
    }
}
