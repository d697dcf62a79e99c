using Modeldrop.Errors;

namespace Modeldrop.Tensors;

/// <summary>Compares the tensors of a request with a model's signature and reports all violations.</summary>
public static class TensorValidation
{
    /// <summary>Checks <paramref name="inputs"/> and puts them into the model's order and rank.</summary>
    /// <param name="inputs"><c>[N]</c> is accepted where <c>[N, 1]</c> is declared, and vice versa: clients send both.</param>
    /// <returns>The inputs in the order of the signature, without optional inputs that were omitted.</returns>
    /// <exception cref="ServiceException"><see cref="ErrorCode.InvalidTensor"/> with all violations.</exception>
    public static IReadOnlyList<Tensor> Normalize(Signature signature, IReadOnlyList<Tensor> inputs)
    {
        var violations = new ViolationList();
        IReadOnlyList<Tensor> normalized = Normalize(signature, inputs, [], violations);
        return violations.Count == 0 ? normalized : throw violations.ToException(ErrorCode.InvalidTensor);
    }

    /// <param name="unreadable">Inputs that were sent but could not be read. They are not also reported as missing.</param>
    internal static IReadOnlyList<Tensor> Normalize(
        Signature signature, IReadOnlyList<Tensor> inputs, IReadOnlyList<string> unreadable, ViolationList violations)
    {
        // Looked up by name: a request may contain thousands of unknown inputs.
        var sent = new Dictionary<string, (Tensor? Tensor, int Count)>(inputs.Count + unreadable.Count, StringComparer.Ordinal);
        foreach (Tensor input in inputs)
        {
            sent[input.Name] = (input, sent.GetValueOrDefault(input.Name).Count + 1);
        }

        foreach (string name in unreadable)
        {
            sent[name] = (null, sent.GetValueOrDefault(name).Count + 1);
        }

        var normalized = new List<Tensor>(signature.Inputs.Count);
        for (int i = 0; i < signature.Inputs.Count; i++)
        {
            TensorSpec spec = signature.Inputs[i];
            if (!sent.Remove(spec.Name, out (Tensor? Tensor, int Count) found))
            {
                if (!spec.Optional)
                {
                    violations.Add($"Input '{spec.Name}' ({spec.Datatype.ProtocolName()} {Text(spec.Shape)}) is missing.");
                }
            }
            else if (found.Count > 1)
            {
                violations.Add($"Input '{spec.Name}' appears more than once.");
            }
            else if (found.Tensor is { } tensor)
            {
                normalized.Add(Fit(spec, tensor, violations));
            }
        }

        foreach (string name in sent.Keys)
        {
            violations.Add(
                    $"The model has no input '{name}'; it has {string.Join(", ", signature.Inputs.Select(input => $"'{input.Name}'"))}.");
        }

        return normalized;
    }

    /// <summary>Whether all inputs are present and exactly as the model declares them, as is nearly always the case.</summary>
    internal static bool AreInOrder(Signature signature, IReadOnlyList<Tensor> inputs)
    {
        if (inputs.Count != signature.Inputs.Count)
        {
            return false;
        }

        for (int i = 0; i < inputs.Count; i++)
        {
            TensorSpec spec = signature.Inputs[i];
            if (inputs[i].Name != spec.Name
                    || inputs[i].Datatype != spec.Datatype
                    || inputs[i].Shape.Length != spec.Shape.Count
                    || !Matches(spec.Shape, inputs[i].Shape))
            {
                return false;
            }
        }

        return true;
    }

    private static Tensor Fit(TensorSpec spec, Tensor tensor, ViolationList violations)
    {
        if (tensor.Datatype != spec.Datatype)
        {
            violations.Add($"Input '{spec.Name}' is {tensor.Datatype.ProtocolName()}; the model takes {spec.Datatype.ProtocolName()}.");
        }

        Tensor fitted = FitRank(spec.Shape, tensor);
        if (!Matches(spec.Shape, fitted.Shape))
        {
            violations.Add(
                $"Input '{spec.Name}' has shape {Text(tensor.Shape)}; the model takes {Text(spec.Shape)}{Variable(spec.Shape)}.");
        }

        return fitted;
    }

    private static Tensor FitRank(IReadOnlyList<long> declared, Tensor tensor)
    {
        long[] shape = tensor.Shape;
        if (declared.Count == 2 && declared[1] == 1 && shape.Length == 1)
        {
            return tensor.WithShape([shape[0], 1]);
        }

        return declared.Count == 1 && shape is [_, 1] ? tensor.WithShape([shape[0]]) : tensor;
    }

    private static bool Matches(IReadOnlyList<long> declared, long[] shape)
    {
        if (declared.Count == 0)
        {
            // A scalar, or a shape that the model leaves open: the run decides (TensorSpec).
            return true;
        }

        if (declared.Count != shape.Length)
        {
            return false;
        }

        for (int i = 0; i < shape.Length; i++)
        {
            if (declared[i] >= 0 && declared[i] != shape[i])
            {
                return false;
            }
        }

        return true;
    }

    private static string Text(IReadOnlyList<long> shape) => $"[{string.Join(",", shape)}]";

    private static string Variable(IReadOnlyList<long> shape) => shape.Contains(-1) ? " (-1: any)" : "";
}
