using Modeldrop.Errors;
using Modeldrop.Tensors;

namespace Modeldrop.Wire.OpenInference;

/// <summary>An output that the caller requests.</summary>
/// <param name="Binary">Whether the output is sent as bytes after the JSON, not in it.</param>
public sealed record RequestedOutput(string Name, bool Binary);

/// <summary>A decoded inference request, not yet compared with a model's signature.</summary>
public sealed class InferRequest : IScoringRequest
{
    /// <summary>The caller's id, to be returned.</summary>
    public string? Id { get; init; }

    public IReadOnlyList<Tensor> Inputs { get; init; } = [];

    /// <summary>The requested outputs, in that order; null: all.</summary>
    public IReadOnlyList<RequestedOutput>? Outputs { get; init; }

    /// <summary><c>parameters.binary_data_output</c>: all outputs as bytes, if <see cref="Outputs"/> is null.</summary>
    public bool BinaryOutput { get; init; }

    /// <summary><c>parameters.explain_routing</c>: the answer explains why this version took the request.</summary>
    public bool ExplainRouting { get; init; }

    /// <summary><c>parameters.event_time</c>.</summary>
    public DateTimeOffset? EventTime { get; init; }

    /// <summary><c>parameters.routing_key</c>: requests with the same key get the same version while the split stays.</summary>
    public string? RoutingKey { get; init; }

    /// <summary>
    /// The whole body is the data of the model's only input (<c>Inference-Header-Content-Length: 0</c>); null otherwise.
    /// </summary>
    public ReadOnlyMemory<byte>? RawInput { get; init; }

    /// <summary>Names of inputs that were sent but cannot be read; each has a text in <see cref="Violations"/>.</summary>
    public IReadOnlyList<string> UnreadableInputs { get; init; } = [];

    /// <summary>All violations except broken JSON, which throws.</summary>
    public ViolationList Violations { get; init; } = new();

    /// <summary>Owns the memory of <see cref="RawInput"/>; null when there is none.</summary>
    internal RequestMemory? RawMemory { get; init; }

    public IReadOnlyList<Tensor> InputsFor(Signature signature)
    {
        if (RawInput is { } raw)
        {
            return [OpenInference.RawInput.Read(signature, raw, RawMemory!)];
        }

        if (Violations.Count == 0 && Outputs is null && TensorValidation.AreInOrder(signature, Inputs))
        {
            return Inputs;
        }

        ViolationList violations = Violations.Copy();
        IReadOnlyList<Tensor> inputs = TensorValidation.Normalize(signature, Inputs, UnreadableInputs, violations);
        CheckOutputs(signature, violations);
        return violations.Count == 0 ? inputs : throw violations.ToException(ErrorCode.InvalidTensor);
    }

    /// <summary>The requested outputs, in that order; all when none was named.</summary>
    internal OutputTensor[] Select(IReadOnlyList<Tensor> outputs)
    {
        int count = Outputs is { Count: > 0 } named ? named.Count : outputs.Count;
        var selected = new OutputTensor[count];
        for (int i = 0; i < count; i++)
        {
            if (Outputs is not { Count: > 0 } requested)
            {
                selected[i] = new OutputTensor(outputs[i], BinaryOutput);
                continue;
            }

            for (int j = 0; j < outputs.Count; j++)
            {
                if (outputs[j].Name == requested[i].Name)
                {
                    selected[i] = new OutputTensor(outputs[j], requested[i].Binary);
                }
            }
        }

        return selected;
    }

    private void CheckOutputs(Signature signature, ViolationList violations)
    {
        if (Outputs is not { Count: > 0 } requested)
        {
            return;
        }

        HashSet<string> known = [.. signature.Outputs.Select(output => output.Name)];
        HashSet<string> seen = [];
        foreach (string name in requested.Select(output => output.Name).Where(name => name.Length > 0))
        {
            if (!known.Contains(name))
            {
                violations.Add(
                    $"The model has no output '{name}'; it has "
                        + $"{string.Join(", ", signature.Outputs.Select(output => $"'{output.Name}'"))}.");
            }

            if (!seen.Add(name))
            {
                violations.Add($"Output '{name}' is requested more than once.");
            }
        }
    }
}
