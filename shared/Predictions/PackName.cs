namespace Modeldrop.Predictions;

/// <summary>Where a pack is, and how much is in it.</summary>
/// <param name="Partition">Its partition key; sorts by hour within a model.</param>
/// <param name="Row">Its row key.</param>
public sealed record PackName(string Partition, string Row, int Records);
