namespace Modeldrop.Metrics;

/// <summary>What a classifier with probabilities says of rows.</summary>
/// <param name="Probabilities">Row-major <c>[rows, classes]</c>.</param>
/// <param name="Predicted">The class of each row that the model names, an index; below 0: none that is known.</param>
/// <param name="Classes">In the order of the probabilities.</param>
/// <param name="Positive">Of two classes; null with more.</param>
/// <param name="Truth">The true class of each row, an index; null: not known.</param>
public sealed record ClassifiedRows(double[] Probabilities, int[] Predicted, IReadOnlyList<string> Classes, int? Positive, int[]? Truth)
{
    public int Rows => Predicted.Length;

    public int Width => Classes.Count;
}
