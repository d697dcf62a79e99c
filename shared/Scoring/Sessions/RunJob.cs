using System.Diagnostics;
using System.Threading.Tasks.Sources;
using Modeldrop.Tensors;
using Modeldrop.Wire;

namespace Modeldrop.Scoring.Sessions;

/// <summary>A request that waits for its run.</summary>
internal sealed class RunJob : IValueTaskSource<ScoredRows>
{
    // Completing it executes its continuation at once, so a runner does this last.
    private ManualResetValueTaskSourceCore<ScoredRows> _source;
    private ScoredRows? _rows;
    private Exception? _failure;

    public RunJob(IReadOnlyList<Tensor> inputs, int rows, RequestMemory? memory, CancellationToken cancellationToken)
    {
        Memory = memory;
        Inputs = inputs;
        Rows = rows;
        CancellationToken = cancellationToken;
    }

    public IReadOnlyList<Tensor> Inputs { get; }

    /// <summary>First dimension of all inputs; 0: it runs alone.</summary>
    public int Rows { get; }

    /// <summary>Charged for the memory of its answer; null: nothing is charged.</summary>
    public RequestMemory? Memory { get; }

    public CancellationToken CancellationToken { get; }

    /// <summary>In the stopwatch's ticks.</summary>
    public long QueuedAt { get; } = Stopwatch.GetTimestamp();

    /// <summary>The answer; null before <see cref="End"/>, and for a failed request.</summary>
    public ScoredRows? Answer => _rows;

    public ValueTask<ScoredRows> Task => new(this, _source.Version);

    /// <summary>Stores the result; <see cref="Complete"/> delivers it.</summary>
    public void End(ScoredRows? rows, Exception? failure)
    {
        _rows = rows;
        _failure = failure;
    }

    public void Complete()
    {
        if (_failure is { } failure)
        {
            _source.SetException(failure);
        }
        else
        {
            _source.SetResult(_rows!);
        }
    }

    ScoredRows IValueTaskSource<ScoredRows>.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<ScoredRows>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<ScoredRows>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);
}
