using Microsoft.ML.OnnxRuntime;
using Modeldrop.Speed;
using Modeldrop.Wire;
using Tensor = Modeldrop.Tensors.Tensor;

namespace Modeldrop.Scoring.Sessions;

/// <summary>How a run is made: in a slot of reused memory where the request fits one, else with values of its own.</summary>
public sealed partial class ModelSession
{
    /// <summary>Raised at each look at the runs: the time of the longest that is under way, and how long a request may wait.</summary>
    internal event Action<TimeSpan, TimeSpan>? Watched;

    /// <summary>Looks after what runs and waits now.</summary>
    internal void WatchRuns(TimeSpan maxRunTime, TimeSpan maxWaitTime, bool isStopping)
    {
        TimeSpan longest = TimeSpan.Zero;
        foreach ((RunLane lane, _) in _lanes)
        {
            TimeSpan time = lane.Watch(maxRunTime, isStopping);
            longest = time > longest ? time : longest;
        }

        Watched?.Invoke(longest, isStopping ? TimeSpan.Zero : maxWaitTime);
    }

    private Tensor[] RunInLane(IReadOnlyList<Tensor> inputs, in RunCall call, bool mayUseSlot)
    {
        if (!_idleLanes.TryPop(out RunLane? lane))
        {
            lane = new RunLane(_usesSlots ? new RunSlot(Signature) : null);
            _lanes.TryAdd(lane, 0);
        }

        lane.Begin(call);
        try
        {
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

        // What fails for its values fails here again. What does not has other shapes than the graph declares.
        outputs = RunFreely(inputs, lane, memory);
        _usesSlots = false;
        return outputs;
    }

    /// <returns>Null when it must be run freely.</returns>
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
            return null;
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

            using IDisposableReadOnlyCollection<OrtValue> results = _session.Run(lane.Options, NamesOf(inputs), values, _outputNames);
            using RequestMemory? copies = memory is null && _watch is not null ? new RequestMemory(_watch.Budget) : null;
            (memory ?? copies)?.Take(BytesOf(results));
            var outputs = new Tensor[_outputs.Length];
            for (int i = 0; i < outputs.Length; i++)
            {
                outputs[i] = _outputs[i].Read(results[i]);
            }

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

    private long BytesOf(IReadOnlyList<OrtValue> results)
    {
        long bytes = 0;
        for (int i = 0; i < _outputs.Length; i++)
        {
            bytes += _outputs[i].Bytes(results[i]);
        }

        return bytes;
    }

    /// <summary>The prepared names when all inputs come in the model's order, as they nearly always do.</summary>
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
