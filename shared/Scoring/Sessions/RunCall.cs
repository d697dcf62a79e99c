using Modeldrop.Wire;

namespace Modeldrop.Scoring.Sessions;

/// <summary>The callers of a run, and its priority.</summary>
/// <param name="Caller">The caller of a run for a single request.</param>
/// <param name="Jobs">The requests of a joined run; empty for a single request.</param>
/// <param name="Memory">Charged for the memory of the outputs; null: nothing is charged.</param>
/// <param name="IsLow">Whether the graph, which loops, runs with low priority from the start.</param>
internal readonly record struct RunCall(
    CancellationToken Caller, ReadOnlyMemory<RunJob> Jobs = default, RequestMemory? Memory = null, bool IsLow = false)
{
    /// <summary>Whether all callers have stopped waiting.</summary>
    public bool HasNoCaller
    {
        get
        {
            foreach (RunJob job in Jobs.Span)
            {
                if (!job.CancellationToken.IsCancellationRequested)
                {
                    return false;
                }
            }

            return !Jobs.IsEmpty || Caller.IsCancellationRequested;
        }
    }
}
