namespace Modeldrop.Metrics;

/// <summary>The answers of a regression, and the truth.</summary>
/// <param name="Which">Index of each row among all answered rows; null: all were labelled.</param>
public sealed record RegressedRows(double[] Truth, double[] Predicted, int[]? Which = null);
