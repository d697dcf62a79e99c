using Modeldrop.Names;

namespace Modeldrop.Functions.Lifecycle.Operations;

/// <summary>Lists operations, the newest first. The engine stores them by their ids, so a page is found by the time of creation.</summary>
internal static class OperationList
{
    private const int LeastRead = 100;

    /// <summary>
    /// Periods that are searched one after the other. A longer one is searched only if the shorter ones did not fill the page.
    /// </summary>
    private static readonly TimeSpan?[] Reaches = [TimeSpan.FromHours(1), TimeSpan.FromDays(1), TimeSpan.FromDays(30), null];

    /// <param name="filter">Statuses and the prefix of ids; this method sets times and page size.</param>
    /// <param name="after">The last operation of the previous page; null: this is the first page.</param>
    /// <returns>A page, as the filter fetches them, and the token of the next page; null if there is none.</returns>
    public static async Task<(IReadOnlyList<StoredOperation> Operations, string? NextPage)> ReadAsync(
        DurableTaskClient client, OrchestrationQuery filter, OperationPosition? after, int pageSize, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var found = new SortedList<OperationPosition, StoredOperation>();
        DateTimeOffset start = after?.CreatedAt ?? now;
        DateTimeOffset? to = after?.CreatedAt;
        foreach (TimeSpan? reach in Reaches)
        {
            DateTimeOffset? from = start - reach;
            OrchestrationQuery look = filter with { CreatedFrom = from, CreatedTo = to, PageSize = Math.Max(pageSize, LeastRead) };
            await foreach (OrchestrationMetadata operation in client.GetAllInstancesAsync(look).WithCancellation(cancellationToken))
            {
                var position = new OperationPosition(operation.CreatedAt, operation.InstanceId);
                if (OperationId.Find(operation.InstanceId) is { } id && (after is null || position.CompareTo(after.Value) > 0))
                {
                    found[position] = new StoredOperation(id, operation);
                }

                // One more operation than the page holds shows that there is a next page.
                if (found.Count > pageSize + 1)
                {
                    found.RemoveAt(found.Count - 1);
                }
            }

            if (found.Count > pageSize)
            {
                return ([.. found.Values.Take(pageSize)], found.Keys[pageSize - 1].ToString());
            }

            to = from;
        }

        return ([.. found.Values], null);
    }
}
