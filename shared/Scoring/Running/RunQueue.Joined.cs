using System.Buffers;
using Modeldrop.Scoring.Sessions;
using Modeldrop.Tensors;
using Modeldrop.Wire;

namespace Modeldrop.Scoring.Running;

/// <summary>One run for several requests.</summary>
internal sealed partial class RunQueue
{
    /// <summary>Runs the rows of all requests in one run, and completes each job with its own rows.</summary>
    /// <returns>False when the requests must run separately: one has a value that the graph rejects, or the model lost rows.</returns>
    internal bool TryRunJoined(ReadOnlyMemory<RunJob> together)
    {
        ReadOnlySpan<RunJob> jobs = together.Span;
        int total = 0;
        foreach (RunJob job in jobs)
        {
            total += job.Rows;
        }

        int width = jobs[0].Inputs.Count;
        var inputs = new Tensor[width];
        var rented = new byte[]?[width];
        try
        {
            for (int i = 0; i < width; i++)
            {
                inputs[i] = RowStack.Join(jobs, i, total, out rented[i]);
            }

            ScoredRows joined = Run(inputs, jobs.Length, new RunCall(CancellationToken.None, together));
            int start = 0;
            Tensor[]? outputs = null;
            foreach (RunJob job in jobs)
            {
                outputs = RowStack.Cut(joined.Outputs, start, job.Rows, total, outputs);
                if (outputs is null)
                {
                    return false;
                }

                job.Memory?.Settle(outputs);
                job.End(new ScoredRows(job.Inputs, outputs, joined.Duration), null);
                start += job.Rows;
            }

            return true;
        }
        catch (Exception)
        {
            // Each request runs separately; the one that fails gets the error.
            return false;
        }
        finally
        {
            foreach (byte[]? memory in rented)
            {
                if (memory is not null)
                {
                    ArrayPool<byte>.Shared.Return(memory);
                }
            }
        }
    }
}
