namespace Modeldrop.Predictions;

/// <summary>The location of a pack, and its number of records.</summary>
/// <param name="Partition">Its partition key; sorts by hour within a model.</param>
/// <param name="Row">Its row key.</param>
public sealed record PackName(string Partition, string Row, int Records);
