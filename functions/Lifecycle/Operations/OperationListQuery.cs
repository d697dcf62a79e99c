using Microsoft.AspNetCore.Http;
using Modeldrop.Functions.Http;
using Modeldrop.Names;

namespace Modeldrop.Functions.Lifecycle.Operations;

/// <summary>Which operations a request asks for.</summary>
/// <param name="Model">Null: of all.</param>
/// <param name="Status">Null: all.</param>
/// <param name="After">The last one of the page before; null: the first page.</param>
internal sealed record OperationListQuery(ModelName? Model, OrchestrationRuntimeStatus? Status, OperationPosition? After, int PageSize)
{
    private const int DefaultPageSize = 50;
    private const int MaxPageSize = 500;

    /// <exception cref="Errors.ServiceException"><see cref="Errors.ErrorCode.InvalidRequest"/>.</exception>
    public static OperationListQuery Of(HttpRequest request)
    {
        var asked = new RequestQuery(request);
        string? model = asked.Text("model");
        OrchestrationRuntimeStatus? status = asked.Word<OrchestrationRuntimeStatus>(
            "status", "one of pending, running, suspended, completed, failed and terminated");
        int pageSize = asked.Number("pageSize", 1, MaxPageSize) ?? DefaultPageSize;
        OperationPosition? after = asked.Parse<OperationPosition>("page", "'nextPage' of an answer", OperationPosition.TryParse);
        if (model is not null && ModelName.Find(model) is null)
        {
            asked.Refuse($"model '{model}' is not a model name.");
        }

        asked.Check();
        return new OperationListQuery(ModelName.Find(model), status, after, pageSize);
    }
}
