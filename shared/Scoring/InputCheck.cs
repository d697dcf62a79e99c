using Modeldrop.Tensors;

namespace Modeldrop.Scoring;

/// <summary>Holds the tensors of a request against a signature.</summary>
public static class InputCheck
{
    /// <summary>Puts the inputs into the model's form: <c>[N]</c> is taken for <c>[N,1]</c> and the other way round.</summary>
    /// <param name="violations">Gets a sentence for everything that does not fit.</param>
    public static IReadOnlyList<Tensor> Fit(Signature signature, IReadOnlyList<Tensor> inputs, ICollection<string> violations)
    {
        var fitted = new List<Tensor>(signature.Inputs.Count);
        foreach (Tensor input in inputs)
        {
            if (signature.FindInput(input.Name) is not { } spec)
            {
                violations.Add($"The model has no input '{input.Name}'; it has {string.Join(", ", signature.Inputs.Select(known => known.Name))}.");
            }
            else if (fitted.Any(other => other.Name == input.Name))
            {
                violations.Add($"Input '{input.Name}' is given more than once.");
            }
            else if (spec.Datatype != input.Datatype)
            {
                violations.Add($"Input '{input.Name}' is {input.Datatype.ProtocolName()}; the model takes {spec.Datatype.ProtocolName()}.");
            }
            else if (FitShape(spec, input) is { } tensor)
            {
                fitted.Add(tensor);
            }
            else
            {
                violations.Add($"Input '{input.Name}' has shape [{string.Join(",", input.Shape)}]; the model takes [{string.Join(",", spec.Shape)}].");
            }
        }

        foreach (TensorSpec spec in signature.Inputs)
        {
            if (!inputs.Any(input => input.Name == spec.Name))
            {
                violations.Add($"Input '{spec.Name}' ({spec.Datatype.ProtocolName()} [{string.Join(",", spec.Shape)}]) is missing.");
            }
        }

        CheckRows(signature, fitted, violations);
        return fitted;
    }

    private static Tensor? FitShape(TensorSpec spec, Tensor input)
    {
        if (Fits(spec.Shape, input.Shape))
        {
            return input;
        }

        long[]? other = input.Shape switch
        {
            [long rows] when spec.Shape.Count == 2 => [rows, 1],
            [long rows, 1] when spec.Shape.Count == 1 => [rows],
            _ => null,
        };
        return other is not null && Fits(spec.Shape, other) ? input.WithShape(other) : null;
    }

    private static bool Fits(IReadOnlyList<long> declared, long[] actual)
    {
        if (declared.Count != actual.Length)
        {
            return false;
        }

        for (int dimension = 0; dimension < actual.Length; dimension++)
        {
            if (declared[dimension] >= 0 && declared[dimension] != actual[dimension])
            {
                return false;
            }
        }

        return true;
    }

    // Columns of one table: a model that joins them fails on unequal lengths, or worse, does not.
    private static void CheckRows(Signature signature, List<Tensor> inputs, ICollection<string> violations)
    {
        if (!signature.Inputs.All(spec => spec.HasBatchDimension) || inputs.Select(input => input.Shape[0]).Distinct().Count() <= 1)
        {
            return;
        }

        violations.Add($"The inputs have different numbers of rows: {string.Join(", ", inputs.Select(input => $"{input.Name} {input.Shape[0]}"))}.");
    }
}
