using Microsoft.AspNetCore.Http;
using Modeldrop.Functions.Http;
using Modeldrop.Names;

namespace Modeldrop.Functions.Lifecycle.Operations;

/// <summary>The operations that a request selects.</summary>
/// <param name="Model">Null: all models.</param>
/// <param name="Status">Null: all.</param>
/// <param name="After">The last operation of the previous page; null: the first page.</param>
internal sealed record OperationListQuery(ModelName? Model, OrchestrationRuntimeStatus? Status, OperationPosition? After, int PageSize)
{
    private const int DefaultPageSize = 50;
    private const int MaxPageSize = 500;

    /// <exception cref="Errors.ServiceException"><see cref="Errors.ErrorCode.InvalidRequest"/>.</exception>
    public static OperationListQuery Of(HttpRequest request)
    {
        var asked = new RequestQuery(request);
        ModelName? model = asked.Model("model");
        OrchestrationRuntimeStatus? status = asked.Word<OrchestrationRuntimeStatus>(
            "status", "one of pending, running, suspended, completed, failed and terminated");
        int pageSize = asked.Number("pageSize", 1, MaxPageSize) ?? DefaultPageSize;
        OperationPosition? after = asked.Parse<OperationPosition>("page", "'nextPage' of an answer", OperationPosition.TryParse);
        asked.Check();
        return new OperationListQuery(model, status, after, pageSize);
    }
}
