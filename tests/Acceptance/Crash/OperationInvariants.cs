using Azure.Data.Tables;
using Modeldrop.Standalone.Durable;
using Modeldrop.Storage;

namespace Modeldrop.Tests.Acceptance.Crash;

/// <summary>Invariants of the operations of a model: all have ended, by the engine's table of instances.</summary>
internal static class OperationInvariants
{
    /// <param name="mayBeTerminated">The operation that was cancelled; null: none.</param>
    /// <returns>The violated invariants, in words.</returns>
    public static async Task<IReadOnlyList<string>> CheckAsync(string connectionString, string model, string? mayBeTerminated = null)
    {
        var table = new TableClient(connectionString, $"{DurableOptions.HubNameOf(StorageOptions.DefaultTablePrefix)}Instances");
        string ofModel = TableClient.CreateQueryFilter($"PartitionKey ge {$"{model}~"} and PartitionKey lt {$"{model}~~"}");
        List<string> violations = [];
        await foreach (TableEntity row in table.QueryAsync<TableEntity>(ofModel))
        {
            string status = row.GetString("RuntimeStatus");
            if (status != "Completed" && !(status == "Terminated" && row.PartitionKey == mayBeTerminated))
            {
                violations.Add($"Operation {row.PartitionKey} is {status}: {row.GetString("Output")}");
            }
        }

        return violations;
    }
}
