using Modeldrop.Errors;
using Modeldrop.Tabular;
using Modeldrop.Tensors;

namespace Modeldrop.Wire.Mlflow;

/// <summary>Rows received through MLflow's scoring protocol.</summary>
/// <param name="rows">Returns the rows as a table, given the model's signature.</param>
/// <param name="isFrame">Whether the caller sent a data frame: the answer then has one record per row.</param>
internal sealed class InvocationRequest(Func<Signature, RowTable> rows, bool isFrame) : IScoringRequest
{
    public InvocationRequest(RowTable rows, bool isFrame)
        : this(_ => rows, isFrame)
    {
    }

    public string? Id => null;

    public DateTimeOffset? EventTime => null;

    public string? RoutingKey => null;

    public bool IsFrame => isFrame;

    /// <remarks>A data frame may have more columns than the model uses, in any order.</remarks>
    public IReadOnlyList<Tensor> InputsFor(Signature signature)
    {
        RowTable table = rows(signature);
        ViolationList shapes = table.Violations(signature);
        if (shapes.Count > 0)
        {
            throw shapes.ToException(ErrorCode.InvalidTensor);
        }

        ColumnMapping mapping;
        try
        {
            mapping = ColumnMapping.Create(signature, table.Table);
        }
        catch (ServiceException exception)
        {
            throw new ServiceException(ErrorCode.InvalidTensor, exception.Violations, exception);
        }

        MappedRows mapped = mapping.Read(0, table.Table.Rows, ErrorText.MaxItems - 1, allocate: table.Memory.Allocate);
        List<string> violations = [.. mapped.Violations.Select(violation => violation.ToString()),
            .. mapped.VaryingScalars.Select(name => $"Input '{name}' is a scalar and takes one value a request; its column has several.")];
        if (violations.Count == 0)
        {
            return mapped.Scalars.Count == 0 ? mapped.Inputs : mapped.Slice(0, table.Table.Rows);
        }

        if (mapped.ViolationCount > mapped.Violations.Count)
        {
            violations.Add($"And {mapped.ViolationCount - mapped.Violations.Count} more values that do not fit.");
        }

        throw new ServiceException(ErrorCode.InvalidTensor, violations);
    }
}
