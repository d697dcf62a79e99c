namespace Modeldrop.Metrics;

/// <summary>What a regression says of rows, and what is true.</summary>
/// <param name="Which">Of each row its number among all that were answered; null: all were labelled.</param>
public sealed record RegressedRows(double[] Truth, double[] Predicted, int[]? Which = null);
