using Modeldrop.Tensors;

namespace Modeldrop.Wire;

/// <summary>Rows that this process has scored.</summary>
/// <param name="Inputs">The model's inputs, in its order and rank.</param>
/// <param name="Outputs">All outputs, in the model's order.</param>
/// <param name="Duration">Time in the model.</param>
public sealed record ScoredRows(IReadOnlyList<Tensor> Inputs, IReadOnlyList<Tensor> Outputs, TimeSpan Duration);
