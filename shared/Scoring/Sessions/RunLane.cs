using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;
using Modeldrop.Errors;
using Modeldrop.Speed;
using ErrorCode = Modeldrop.Errors.ErrorCode;

namespace Modeldrop.Scoring.Sessions;

/// <summary>Why a run is ended before it has an answer.</summary>
internal enum RunEnd
{
    None,
    NoCaller,
    TooLong,
    Stopping,
}

/// <summary>
/// What a run has to itself and leaves to the next one: the options by which it is ended, and memory. It carries one run at a time.
/// </summary>
/// <remarks>ONNX Runtime looks at the options between two nodes of a graph and between two turns of a loop.</remarks>
internal sealed class RunLane(RunSlot? slot) : IDisposable
{
    private readonly Lock _changing = new();
    private RunCall _call;
    private long _startedAt;
    private RunEnd _end;

    public RunOptions Options { get; } = new() { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };

    /// <summary>Null when the graph is not one for slots.</summary>
    public RunSlot? Slot => slot;

    public void Begin(in RunCall call)
    {
        lock (_changing)
        {
            _call = call;
            _startedAt = Stopwatch.GetTimestamp();
        }
    }

    /// <summary>To be called when the run is over, however it ended.</summary>
    /// <returns>How long it took.</returns>
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

    /// <summary>Ends the run if there is a reason to.</summary>
    /// <param name="maxTime">Of a run.</param>
    /// <returns>How long the run has taken so far; zero when there is none.</returns>
    public TimeSpan Watch(TimeSpan maxTime, bool isStopping)
    {
        lock (_changing)
        {
            if (_startedAt == 0)
            {
                return TimeSpan.Zero;
            }

            TimeSpan time = Stopwatch.GetElapsedTime(_startedAt);
            RunEnd end = isStopping ? RunEnd.Stopping : time > maxTime ? RunEnd.TooLong : _call.HasNoCaller ? RunEnd.NoCaller : RunEnd.None;
            if (_end == RunEnd.None && end != RunEnd.None)
            {
                _end = end;
                Options.Terminate = true;
            }

            return time;
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
                        $"The run was ended after {time.TotalSeconds:0.#} s, as it took longer than a run may (Scoring__MaxRunTime). "
                        + "Send fewer rows, or smaller values if the graph loops as often as they say.",
                        cause);
                case RunEnd.Stopping:
                    throw new ServiceException(
                        ErrorCode.ModelOverloaded, "The run was ended because this instance stops; send the request again.", cause);
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
