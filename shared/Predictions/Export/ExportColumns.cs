using Modeldrop.Errors;
using Modeldrop.Tensors;

namespace Modeldrop.Predictions.Export;

/// <summary>The tensors of all versions in one export.</summary>
public sealed class ExportColumns
{
    private readonly List<(bool IsOutput, TensorSpec Spec)> _tensors = [];

    /// <summary>Each tensor, and whether it is an output (<c>out</c>) or an input (<c>in</c>).</summary>
    internal IReadOnlyList<(bool IsOutput, TensorSpec Spec)> Tensors => _tensors;

    /// <exception cref="ServiceException"><see cref="ErrorCode.InvalidRequest"/>.</exception>
    public void Add(Signature signature)
    {
        List<string> violations = [];
        foreach ((bool isOutput, TensorSpec spec) in signature.Inputs.Select(input => (false, input))
                .Concat(signature.Outputs.Select(output => (true, output))))
        {
            int known = _tensors.FindIndex(tensor => tensor.IsOutput == isOutput && tensor.Spec.Name == spec.Name);
            if (known < 0)
            {
                _tensors.Add((isOutput, spec));
            }
            else if (_tensors[known].Spec.Datatype != spec.Datatype)
            {
                violations.Add(
                    $"'{spec.Name}' is {_tensors[known].Spec.Datatype.ProtocolName()} in one version and {spec.Datatype.ProtocolName()} "
                        + $"in another; select one of them with ?version=.");
            }
            else if (spec.RowElements != _tensors[known].Spec.RowElements)
            {
                // If it is wide in one version, it is a list in one cell for all.
                _tensors[known] = (isOutput, spec with { Shape = [-1, -1], Columns = null });
            }
            else if (!(spec.Columns ?? []).SequenceEqual(_tensors[known].Spec.Columns ?? [], StringComparer.Ordinal))
            {
                // If another version uses different column names, the general names apply.
                _tensors[known] = (isOutput, spec with { Columns = null });
            }
        }

        if (violations.Count > 0)
        {
            throw new ServiceException(ErrorCode.InvalidRequest, violations);
        }
    }
}
