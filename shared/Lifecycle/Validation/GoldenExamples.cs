using Modeldrop.Metrics;
using Modeldrop.Probe;
using Modeldrop.Tensors;

namespace Modeldrop.Lifecycle.Validation;

/// <summary>Compares a model's answers with those that its owner expects.</summary>
public static class GoldenExamples
{
    /// <summary>
    /// Lists every difference beyond the example's tolerance. Outputs that the example does not mention are not compared.
    /// </summary>
    /// <returns>Empty if the answer is as expected; otherwise one sentence for each output that differs.</returns>
    public static IReadOnlyList<string> Compare(GoldenExample example, IReadOnlyList<Tensor> answer) =>
        [.. example.Outputs
            .Select(expected => Compare(expected, answer.FirstOrDefault(output => output.Name == expected.Name), example))
            .OfType<string>()];

    private static string? Compare(Tensor expected, Tensor? actual, GoldenExample example)
    {
        if (actual is null)
        {
            return $"output '{expected.Name}' does not exist.";
        }

        if (actual.Datatype != expected.Datatype || !actual.Shape.SequenceEqual(expected.Shape))
        {
            return $"output '{expected.Name}' is {Describe(actual)}, expected {Describe(expected)}.";
        }

        int differences = 0;
        string? worst = null;
        double largest = -1;
        for (int index = 0; index < expected.Count; index++)
        {
            (double distance, double allowed) = Distance(expected, actual, index, example);
            if (distance <= allowed)
            {
                continue;
            }

            differences++;
            if (distance > largest)
            {
                largest = distance;
                worst = $"element {index} is {TensorValues.Text(actual, index)}, expected {TensorValues.Text(expected, index)}";
            }
        }

        return differences == 0 ? null
            : $"output '{expected.Name}': {differences} of {expected.Count} values {Off(expected, example)}; {worst}.";
    }

    private static string Off(Tensor expected, GoldenExample example) => !TensorValues.IsFloat(expected.Datatype) ? "differ"
        : FormattableString.Invariant($"are off by more than {example.Absolute:R}")
            + (example.Relative == 0 ? "" : FormattableString.Invariant($" + {example.Relative:R} of the expected value"));

    /// <summary>
    /// The distance is 0 for equal values (NaN equals NaN) and infinite if no number expresses the difference. The allowed distance is
    /// numpy's bound.
    /// </summary>
    private static (double Distance, double Allowed) Distance(Tensor expected, Tensor actual, int index, GoldenExample example)
    {
        if (!TensorValues.IsFloat(expected.Datatype))
        {
            return (TensorValues.Text(expected, index) == TensorValues.Text(actual, index) ? 0 : double.PositiveInfinity, 0);
        }

        double wanted = TensorValues.Number(expected, index);
        double got = TensorValues.Number(actual, index);
        double distance = Math.Abs(wanted - got);
        double allowed = double.IsFinite(wanted) ? example.Absolute + (example.Relative * Math.Abs(wanted)) : 0;
        return (wanted.Equals(got) ? 0 : double.IsNaN(distance) ? double.PositiveInfinity : distance, allowed);
    }

    private static string Describe(Tensor tensor) => $"{tensor.Datatype.ProtocolName()} [{string.Join(",", tensor.Shape)}]";
}
