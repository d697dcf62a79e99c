using Azure.Data.Tables;
using Modeldrop.LocalHost.Durable;
using Modeldrop.LocalHost.Durable.Store;

namespace Modeldrop.Tests.Acceptance.Crash;

/// <summary>What holds of the operations of a model: they have ended, and nobody waits for anything.</summary>
internal static class OperationInvariants
{
    /// <param name="mayBeTerminated">The operation that was cancelled, with its steps; null: none.</param>
    /// <returns>What does not hold, in words.</returns>
    public static async Task<IReadOnlyList<string>> CheckAsync(string connectionString, string model, string? mayBeTerminated = null)
    {
        var table = new TableClient(connectionString, new DurableOptions().HubName + "Durable");
        List<string> violations = [];
        string ofModel = TableClient.CreateQueryFilter($"PartitionKey ge {$"{model}~"} and PartitionKey lt {$"{model}~~"}");
        await foreach (TableEntity row in table.QueryAsync<TableEntity>($"{ofModel} and RowKey eq '{RowKeys.Instance}'"))
        {
            InstanceRow instance = InstanceRow.From(row);
            bool isCancelled = mayBeTerminated is not null && instance.InstanceId.StartsWith(mayBeTerminated, StringComparison.Ordinal);
            if (instance.Status != OrchestrationRuntimeStatus.Completed && !(isCancelled && instance.Status == OrchestrationRuntimeStatus.Terminated))
            {
                violations.Add($"Operation {instance.InstanceId} is {instance.Status}: {instance.Failure?.ErrorMessage}");
            }
            else if (!instance.IsDone)
            {
                violations.Add($"Operation {instance.InstanceId} has ended and still has something to do.");
            }
        }

        await foreach (TableEntity row in table.QueryAsync<TableEntity>($"{ofModel} and RowKey ge '{RowKeys.FirstMessage}' and RowKey lt '{RowKeys.AfterMessages}'"))
        {
            violations.Add($"A message to operation {row.PartitionKey} is never taken: {row.RowKey}.");
        }

        return violations;
    }
}
