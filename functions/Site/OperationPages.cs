using Microsoft.AspNetCore.Http;
using Modeldrop.Functions.Http;
using Modeldrop.Functions.Lifecycle.Operations;
using Modeldrop.Lifecycle;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Site.Operations;

namespace Modeldrop.Functions.Site;

/// <summary>The pages of operations.</summary>
public sealed class OperationPages(OperationReading operations, RegistryStore registry)
{
    private const int PageSize = 30;

    [Function(nameof(ShowOperations))]
    public async Task<IResult> ShowOperations(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "console/operations")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken)
    {
        OperationListQuery asked = OperationListQuery.Of(request);
        (IReadOnlyList<Operation> page, string? next) = await operations.ListAsync(
            client, asked with { PageSize = PageSize }, Caller.SeesIn(request), cancellationToken);
        var query = new RequestQuery(request);
        return Answer.Page<OperationListPage, OperationListView>(new OperationListView(
            page, asked.Model?.Value, query.Text("status"), next, IsFirst: asked.After is null));
    }

    [Function(nameof(ShowOperation))]
    public async Task<IResult> ShowOperation(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "console/operations/{id}")] HttpRequest request,
        string id,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken)
    {
        Operation operation = await operations.GetAsync(client, id, cancellationToken);
        ModelHead? head = operation.Model == ModelName.Unnamed ? null : await registry.FindHeadAsync(operation.Model, cancellationToken);
        return Answer.Page<OperationPage, OperationView>(new OperationView(operation, head));
    }
}
