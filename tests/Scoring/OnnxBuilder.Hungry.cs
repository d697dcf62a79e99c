using Microsoft.ML.OnnxRuntime.Tensors;

namespace Modeldrop.Tests.Scoring;

/// <summary>Models that take as much time or memory as a request, or a number in the file, demands.</summary>
internal sealed partial class OnnxBuilder
{
    /// <summary>Negates <c>x</c> <c>k</c> times.</summary>
    public static byte[] Loop() => new OnnxBuilder()
        .Input("k", TensorElementType.Int64, 1).Input("x", TensorElementType.Float, 1).Output("y", TensorType(TensorElementType.Float, 1))
        .Node("Loop", ["k", "", "x"], ["y"], "", Attribute("body", Negation()))
        .Build();

    /// <summary>The body of a loop.</summary>
    private static OnnxBuilder Negation() => new OnnxBuilder()
        .Input("turn", TensorElementType.Int64).Input("goes_on", TensorElementType.Bool).Input("before", TensorElementType.Float, 1)
        .Output("goes_on_still", TensorType(TensorElementType.Bool)).Output("after", TensorType(TensorElementType.Float, 1))
        .Node("Identity", ["goes_on"], ["goes_on_still"]).Node("Neg", ["before"], ["after"]);

    /// <summary>
    /// Sums <c>k</c> + <paramref name="count"/> zeros, which only the run knows; then negates the sum twice, or returns it.
    /// </summary>
    public static byte[] SumOfZeros(long count, bool loops)
    {
        OnnxBuilder builder = new OnnxBuilder()
            .Input("k", TensorElementType.Int64, 1).Output("y", TensorType(TensorElementType.Float, 1)).IntegerInitializer("count", count)
            .Node("Add", ["k", "count"], ["all"]).Node("ConstantOfShape", ["all"], ["zeros"]).Node("ReduceSum", ["zeros"], ["sum"]);
        return loops
            ? builder.IntegerInitializer("twice", 2).Node("Loop", ["twice", "", "sum"], ["y"], "", Attribute("body", Negation())).Build()
            : builder.Node("Identity", ["sum"], ["y"]).Build();
    }

    /// <summary>Makes <c>k</c> zeros; the answer is the zeros or their sum.</summary>
    public static byte[] Zeros(bool isSummed)
    {
        OnnxBuilder builder = new OnnxBuilder().Input("k", TensorElementType.Int64, 1).Output("y", TensorType(TensorElementType.Float, -1));
        return isSummed
            ? builder.Node("ConstantOfShape", ["k"], ["zeros"]).Node("ReduceSum", ["zeros"], ["y"]).Build()
            : builder.Node("ConstantOfShape", ["k"], ["y"]).Build();
    }

    /// <summary>Adds the sum of <paramref name="count"/> constant zeros, which the file does not hold, to <c>x</c>.</summary>
    public static byte[] ConstantZeros(long count) => new OnnxBuilder()
        .Input("x", TensorElementType.Float, 1).Output("y", TensorType(TensorElementType.Float, 1)).IntegerInitializer("shape", count)
        .Node("ConstantOfShape", ["shape"], ["zeros"]).Node("ReduceSum", ["zeros"], ["sum"]).Node("Add", ["x", "sum"], ["y"])
        .Build();

    /// <summary>
    /// Adds <paramref name="constants"/> constants of <paramref name="count"/> zeros each, which the file does not hold, to <c>x</c>: a
    /// session keeps them.
    /// </summary>
    public static byte[] KeptZeros(int constants, long count)
    {
        var builder = new OnnxBuilder();
        builder.Input("x", TensorElementType.Float, 1).Output("y", TensorType(TensorElementType.Float, 1));
        for (int i = 0; i < constants; i++)
        {
            // Of different sizes, because equal ones would be merged.
            builder.IntegerInitializer($"shape{i}", count + i).Node("ConstantOfShape", [$"shape{i}"], [$"zeros{i}"])
                .Node("Add", ["x", $"zeros{i}"], [$"sums{i}"]).Node("ReduceMax", [$"sums{i}"], [$"top{i}"]);
        }

        return builder.Node("Max", [.. Enumerable.Range(0, constants).Select(i => $"top{i}")], ["y"]).Build();
    }
}
