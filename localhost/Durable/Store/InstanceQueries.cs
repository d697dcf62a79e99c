using System.Runtime.CompilerServices;
using Azure.Data.Tables;

namespace Modeldrop.LocalHost.Durable.Store;

/// <summary>Finds instances by what their rows say.</summary>
internal sealed class InstanceQueries(DurableStorage storage)
{
    private static readonly OrchestrationRuntimeStatus[] Unfinished =
        [OrchestrationRuntimeStatus.Running, OrchestrationRuntimeStatus.Pending, OrchestrationRuntimeStatus.Suspended];

    /// <summary>Ids of instances for which something is left to do: they have not finished, or not finished sending, or have messages that nobody has taken.</summary>
    public async IAsyncEnumerable<string> ListUnfinishedAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string open = $"({StatusIn(Unfinished)} or {nameof(InstanceRow.Outbox)} eq true or {nameof(InstanceRow.Detached)} eq true)";
        string? last = null;
        await foreach (TableEntity row in storage.Instances.QueryAsync<TableEntity>(
            $"({And(IsInstance, open)}) or ({IsMessage})", select: [nameof(TableEntity.PartitionKey)], cancellationToken: cancellationToken))
        {
            // The rows of one instance follow one another.
            if (row.PartitionKey != last)
            {
                yield return last = row.PartitionKey;
            }
        }
    }

    /// <summary>Pages of instances in the order of their ids.</summary>
    public async IAsyncEnumerable<Page<InstanceRow>> ListAsync(
        string? prefix,
        IEnumerable<OrchestrationRuntimeStatus>? statuses,
        DateTimeOffset? createdFrom,
        DateTimeOffset? createdTo,
        string? continuationToken,
        int pageSize,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var filters = new List<string> { IsInstance };
        if (!string.IsNullOrEmpty(prefix))
        {
            string after = prefix[..^1] + (char)(prefix[^1] + 1);
            filters.Add(TableClient.CreateQueryFilter($"PartitionKey ge {prefix} and PartitionKey lt {after}"));
        }

        if (statuses is not null)
        {
            OrchestrationRuntimeStatus[] wanted = [.. statuses];
            if (wanted.Length == 0)
            {
                yield break;
            }

            filters.Add($"({StatusIn(wanted)})");
        }

        if (createdFrom is { } from)
        {
            filters.Add(TableClient.CreateQueryFilter($"CreatedAt ge {from}"));
        }

        if (createdTo is { } to)
        {
            filters.Add(TableClient.CreateQueryFilter($"CreatedAt le {to}"));
        }

        IAsyncEnumerable<Azure.Page<TableEntity>> pages = storage.Instances
            .QueryAsync<TableEntity>(And([.. filters]), maxPerPage: pageSize, cancellationToken: cancellationToken)
            .AsPages(continuationToken, pageSize);
        await foreach (Azure.Page<TableEntity> page in pages)
        {
            yield return new Page<InstanceRow>([.. page.Values.Select(InstanceRow.From)], page.ContinuationToken);
        }
    }

    /// <summary>The instances that the given one has started as sub-orchestrations.</summary>
    public async IAsyncEnumerable<InstanceRow> ListChildrenAsync(string parentInstanceId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string filter = And(IsInstance, TableClient.CreateQueryFilter($"ParentInstanceId eq {parentInstanceId}"));
        await foreach (TableEntity row in storage.Instances.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken))
        {
            yield return InstanceRow.From(row);
        }
    }

    private static string IsInstance => TableClient.CreateQueryFilter($"RowKey eq {RowKeys.Instance}");

    private static string IsMessage => TableClient.CreateQueryFilter($"RowKey ge {RowKeys.FirstMessage} and RowKey lt {RowKeys.AfterMessages}");

    private static string StatusIn(IEnumerable<OrchestrationRuntimeStatus> statuses) =>
        string.Join(" or ", statuses.Distinct().Select(status => TableClient.CreateQueryFilter($"Status eq {status.ToString()}")));

    private static string And(params string[] filters) => string.Join(" and ", filters);
}
