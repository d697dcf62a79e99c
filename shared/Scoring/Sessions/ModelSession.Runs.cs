using Microsoft.ML.OnnxRuntime;
using Modeldrop.Errors;
using Modeldrop.Speed;
using Modeldrop.Wire;
using ErrorCode = Modeldrop.Errors.ErrorCode;
using Tensor = Modeldrop.Tensors.Tensor;

namespace Modeldrop.Scoring.Sessions;

/// <summary>Executes runs: in a slot of reused memory if the request fits, otherwise with new values.</summary>
public sealed partial class ModelSession
{
    /// <summary>Raised at each check of the runs: the time of the longest current run, and the maximum wait of a request.</summary>
    internal event Action<TimeSpan, TimeSpan>? Watched;

    /// <summary>Checks the current runs and the waiting requests.</summary>
    /// <returns>The number of threads of the pool that long runs hold.</returns>
    internal int WatchRuns(TimeSpan maxRunTime, TimeSpan maxWaitTime, bool isStopping)
    {
        TimeSpan longest = TimeSpan.Zero;
        int held = 0;
        foreach ((RunLane lane, _) in _lanes)
        {
            (TimeSpan time, bool holdsPool) = lane.Watch(maxRunTime, isStopping);
            longest = time > longest ? time : longest;
            held += holdsPool && time > RunWatch.Interval ? 1 : 0;
        }

        Watched?.Invoke(longest, isStopping ? TimeSpan.Zero : maxWaitTime);
        return held;
    }

    /// <summary>
    /// Whether runs have threads whose priority can be lowered, because they may take long. Only with memory of its own does a run of low
    /// priority never have a lock that runs of other sessions wait for.
    /// </summary>
    private bool RunsApart => HasOwnMemory && _watch is not null;

    private Tensor[] RunInLane(IReadOnlyList<Tensor> inputs, in RunCall call, bool mayUseSlot)
    {
        if (!_idleLanes.TryPop(out RunLane? lane))
        {
            lane = new RunLane(_usesSlots && !RunsApart ? new RunSlot(Signature) : null);
            if (HasOwnMemory)
            {
                RunMemory.ShrinkAfter(lane.Options);
            }

            _lanes.TryAdd(lane, 0);
        }

        lane.Begin(call);
        try
        {
            return RunGraph(inputs, lane, call.Memory, mayUseSlot);
        }
        catch (ServiceException exception) when (
            HasOwnMemory && exception is { Code: ErrorCode.MemoryExhausted, InnerException: OnnxRuntimeException })
        {
            // An arena never joins free blocks, and a block in which an answer lies outlives its run. After a failed run all are returned.
            return RunGraph(inputs, lane, call.Memory, mayUseSlot);
        }
        finally
        {
            TimeSpan time = lane.Finish();
            _watch?.Ran(time);
            _idleLanes.Push(lane);
        }
    }

    private Tensor[] RunGraph(IReadOnlyList<Tensor> inputs, RunLane lane, RequestMemory? memory, bool mayUseSlot)
    {
        if (!mayUseSlot || !_usesSlots || lane.Slot is not { } slot || !RunSlot.Takes(Signature, inputs))
        {
            return RunFreely(inputs, lane, memory);
        }

        if (TryRunInSlot(inputs, lane, slot) is { } outputs)
        {
            return outputs;
        }

        // A failure caused by values repeats here. Otherwise the shapes differ from those that the graph declares.
        outputs = RunFreely(inputs, lane, memory);
        _usesSlots = false;
        return outputs;
    }

    /// <returns>Null when the request must run without a slot.</returns>
    private Tensor[]? TryRunInSlot(IReadOnlyList<Tensor> inputs, RunLane lane, RunSlot slot)
    {
        try
        {
            RunSlot.Values values = slot.Fill(inputs);
            _session.Run(lane.Options, _inputNames, values.Inputs, _outputNames, values.Outputs);
            return slot.Read((int)inputs[0].Shape[0]);
        }
        catch (OnnxRuntimeException exception)
        {
            lane.ThrowIfEnded(exception);
            return RunFailure.IsOutOfMemory(exception.Message) ? throw RunFailure.Translate(exception, inputs) : null;
        }
    }

    private Tensor[] RunFreely(IReadOnlyList<Tensor> inputs, RunLane lane, RequestMemory? memory)
    {
        var values = new OrtValue[inputs.Count];
        try
        {
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = TensorBinding.Copy(inputs[i]);
            }

            using IDisposableReadOnlyCollection<OrtValue> results = RunsApart
                ? RunApart(lane, NamesOf(inputs), values)
                : _session.Run(lane.Options, NamesOf(inputs), values, _outputNames);
            using RequestMemory? copies = memory is null && _watch is not null ? new RequestMemory(_watch.Budget) : null;
            RequestMemory? charged = memory ?? copies;
            charged?.Assume(BytesOf(results));
            var outputs = new Tensor[_outputs.Length];
            for (int i = 0; i < outputs.Length; i++)
            {
                outputs[i] = _outputs[i].Read(results[i], memory);
            }

            charged?.Settle(outputs);
            return outputs;
        }
        catch (OnnxRuntimeException exception)
        {
            lane.ThrowIfEnded(exception);
            throw RunFailure.Translate(exception, inputs);
        }
        finally
        {
            foreach (OrtValue value in values)
            {
                value?.Dispose();
            }
        }
    }

    // A method of its own, since a closure is allocated where its method begins.
    private IDisposableReadOnlyCollection<OrtValue> RunApart(RunLane lane, IReadOnlyCollection<string> names, OrtValue[] values) =>
        SlowThreads.RunApart(lane.IsLow, lower =>
        {
            lane.LowerBy(lower);
            try
            {
                return _session.Run(lane.Options, names, values, _outputNames);
            }
            finally
            {
                lane.LowerBy(null);
            }
        });

    private long BytesOf(IReadOnlyList<OrtValue> results)
    {
        long bytes = 0;
        for (int i = 0; i < _outputs.Length; i++)
        {
            bytes += _outputs[i].Bytes(results[i]);
        }

        return bytes;
    }

    /// <summary>The prepared names if all inputs are in the model's order, as they nearly always are.</summary>
    private string[] NamesOf(IReadOnlyList<Tensor> inputs)
    {
        bool prepared = inputs.Count == _inputNames.Length;
        for (int i = 0; prepared && i < inputs.Count; i++)
        {
            prepared = inputs[i].Name == _inputNames[i];
        }

        if (prepared)
        {
            return _inputNames;
        }

        var names = new string[inputs.Count];
        for (int i = 0; i < names.Length; i++)
        {
            names[i] = inputs[i].Name;
        }

        return names;
    }
}
