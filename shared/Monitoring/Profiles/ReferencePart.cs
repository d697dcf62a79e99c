using Modeldrop.Tensors;

namespace Modeldrop.Monitoring.Profiles;

/// <summary>Rows of a reference from one request, with their answers. Another part may have rows of another width.</summary>
/// <param name="Inputs"><c>[rows, …]</c>.</param>
public sealed record ReferencePart(IReadOnlyList<Tensor> Inputs, IReadOnlyList<Tensor> Outputs);
