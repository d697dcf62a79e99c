using Modeldrop.Wire;

namespace Modeldrop.Scoring.Sessions;

/// <summary>For whom a run is made.</summary>
/// <param name="Caller">Of a run for one request.</param>
/// <param name="Jobs">The requests of a joined run; empty for a run for one request.</param>
/// <param name="Memory">Where the memory of the outputs is charged; null: nowhere.</param>
internal readonly record struct RunCall(CancellationToken Caller, ReadOnlyMemory<RunJob> Jobs = default, RequestMemory? Memory = null)
{
    /// <summary>Whether nobody waits for the answer any more.</summary>
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
