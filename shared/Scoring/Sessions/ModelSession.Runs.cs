using Microsoft.ML.OnnxRuntime;
using Tensor = Modeldrop.Tensors.Tensor;

namespace Modeldrop.Scoring;

/// <summary>How a run is made: in a slot of reused memory where the request fits one, else with values of its own.</summary>
public sealed partial class ModelSession
{
    private Tensor[] RunGraph(IReadOnlyList<Tensor> inputs, RunOptions options)
    {
        if (!_usesSlots || !RunSlot.Takes(Signature, inputs))
        {
            return RunFreely(inputs, options);
        }

        if (TryRunInSlot(inputs, options) is { } outputs)
        {
            return outputs;
        }

        // What fails for its values fails here again. What does not has other shapes than the graph declares.
        outputs = RunFreely(inputs, options);
        _usesSlots = false;
        return outputs;
    }

    /// <returns>Null when it must be run freely.</returns>
    private Tensor[]? TryRunInSlot(IReadOnlyList<Tensor> inputs, RunOptions options)
    {
        if (!_slots!.TryPop(out RunSlot? slot))
        {
            slot = new RunSlot(Signature);
        }

        try
        {
            RunSlot.Values values = slot.Fill(inputs);
            _session.Run(options, _inputNames, values.Inputs, _outputNames, values.Outputs);
            return slot.Read((int)inputs[0].Shape[0]);
        }
        catch (OnnxRuntimeException)
        {
            return null;
        }
        finally
        {
            _slots.Push(slot);
        }
    }

    private Tensor[] RunFreely(IReadOnlyList<Tensor> inputs, RunOptions options)
    {
        var values = new OrtValue[inputs.Count];
        try
        {
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = TensorBinding.Copy(inputs[i]);
            }

            using IDisposableReadOnlyCollection<OrtValue> results = _session.Run(options, NamesOf(inputs), values, _outputNames);
            var outputs = new Tensor[_outputs.Length];
            for (int i = 0; i < outputs.Length; i++)
            {
                outputs[i] = _outputs[i].Read(results[i]);
            }

            return outputs;
        }
        catch (OnnxRuntimeException exception)
        {
            throw RunFailure.Translate(exception);
        }
        finally
        {
            foreach (OrtValue value in values)
            {
                value?.Dispose();
            }
        }
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
