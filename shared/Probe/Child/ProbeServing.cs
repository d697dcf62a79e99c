using Modeldrop.Errors;
using Modeldrop.Scoring;
using Modeldrop.Scoring.Running;
using Modeldrop.Scoring.Sessions;
using Modeldrop.Speed;
using Modeldrop.Tensors;

namespace Modeldrop.Probe.Child;

/// <summary>Checks in the child whether every way of serving gives the same bits as ONNX Runtime gives for the request alone.</summary>
internal static class ProbeServing
{
    /// <param name="requests">Requests of a deterministic model.</param>
    /// <param name="mayJoin">Whether requests are scored together.</param>
    public static bool IsSame(ModelSession session, IReadOnlyList<IReadOnlyList<Tensor>> requests, bool mayJoin)
    {
        IReadOnlyList<Tensor>[] alone = [.. requests.Select(session.RunUnbound)];
        return IsSame(session.Run, requests, alone)
            && (!mayJoin || !RowStack.Fits(session.Signature) || IsSameJoined(session, requests, alone));
    }

    /// <summary>
    /// The same check for a model without data, on generated rows; null when the model rejects them or is not deterministic.
    /// </summary>
    public static bool? IsSameOnMadeRows(ModelSession session)
    {
        try
        {
            IReadOnlyList<Tensor>[] requests = [BehaviourRows.Made(session.Signature, 1), BehaviourRows.Made(session.Signature, 3)];
            bool isDeterministic = requests.All(request => TensorRows.SameBits(session.RunUnbound(request), session.RunUnbound(request)));
            return isDeterministic ? IsSame(session, requests, mayJoin: false) : null;
        }
        catch (ServiceException)
        {
            return null;
        }
    }

    internal static bool IsSame(
        Func<IReadOnlyList<Tensor>, IReadOnlyList<Tensor>> serve,
        IReadOnlyList<IReadOnlyList<Tensor>> requests,
        IReadOnlyList<IReadOnlyList<Tensor>> alone) =>
        Enumerable.Range(0, requests.Count).All(index => TensorRows.SameBits(alone[index], serve(requests[index])));

    /// <summary>Joins as many requests per run as are ever joined.</summary>
    private static bool IsSameJoined(ModelSession session, IReadOnlyList<IReadOnlyList<Tensor>> requests, IReadOnlyList<Tensor>[] alone)
    {
        var queue = new RunQueue(session, runners: 1, maxWaiting: 0, new RunCounts());
        for (int next = 0; next < requests.Count;)
        {
            List<RunJob> jobs = [];
            for (int rows = 0; next + jobs.Count < requests.Count; rows += jobs[^1].Rows)
            {
                IReadOnlyList<Tensor> request = requests[next + jobs.Count];
                int more = RowStack.RowsOf(request);
                if (jobs.Count > 0 && rows + more > RunSlot.MaxRows)
                {
                    break;
                }

                jobs.Add(new RunJob(request, more, null, CancellationToken.None));
            }

            // Requests that cannot be joined run alone.
            RunJob[] together = [.. jobs];
            bool isJoined = queue.TryRunJoined(together);
            foreach (RunJob job in together)
            {
                if (isJoined && !TensorRows.SameBits(alone[next], job.Answer!.Outputs))
                {
                    return false;
                }

                next++;
            }
        }

        return true;
    }
}
