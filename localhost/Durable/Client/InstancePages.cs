using System.Runtime.CompilerServices;
using Modeldrop.LocalHost.Durable.Store;

namespace Modeldrop.LocalHost.Durable;

/// <summary>The pages of a query.</summary>
internal sealed class InstancePages(
    OrchestrationQuery filter,
    string hubName,
    InstanceQueries queries,
    Func<InstanceRow, bool, CancellationToken, Task<OrchestrationMetadata?>> describe) : AsyncPageable<OrchestrationMetadata>
{
    public override IAsyncEnumerable<Page<OrchestrationMetadata>> AsPages(string? continuationToken = null, int? pageSizeHint = null) =>
        filter.TaskHubNames is null || filter.TaskHubNames.Contains(hubName, StringComparer.OrdinalIgnoreCase)
            ? PagesAsync(continuationToken ?? filter.ContinuationToken, pageSizeHint ?? filter.PageSize, CancellationToken.None)
            : AsyncEnumerable.Empty<Page<OrchestrationMetadata>>();

    private async IAsyncEnumerable<Page<OrchestrationMetadata>> PagesAsync(
        string? continuationToken, int pageSize, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IAsyncEnumerable<Page<InstanceRow>> pages = queries.ListAsync(
            filter.InstanceIdPrefix, filter.Statuses, filter.CreatedFrom, filter.CreatedTo, continuationToken, pageSize, cancellationToken);
        await foreach (Page<InstanceRow> page in pages)
        {
            OrchestrationMetadata?[] instances =
                await Task.WhenAll(page.Values.Select(row => describe(row, filter.FetchInputsAndOutputs, cancellationToken)));
            yield return new Page<OrchestrationMetadata>([.. instances.OfType<OrchestrationMetadata>()], page.ContinuationToken);
        }
    }
}
