namespace Modeldrop.Metrics;

/// <summary>The answers of a classifier with probabilities.</summary>
/// <param name="Probabilities">Row-major <c>[rows, classes]</c>.</param>
/// <param name="Predicted">Index of the class that the model names for each row; negative: not a known class.</param>
/// <param name="Classes">In the order of the probabilities.</param>
/// <param name="Positive">The positive one of two classes; null with more.</param>
/// <param name="Truth">Index of the true class of each row; null: unknown.</param>
public sealed record ClassifiedRows(double[] Probabilities, int[] Predicted, IReadOnlyList<string> Classes, int? Positive, int[]? Truth)
{
    public int Rows => Predicted.Length;

    public int Width => Classes.Count;
}
