using DurableTask.AzureStorage;
using DurableTask.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Modeldrop.Standalone.Durable;

/// <summary>The engine's store in the app's account: the same as that of Durable Functions in Azure.</summary>
internal static class TaskHub
{
    public static AzureStorageOrchestrationService Create(HostStorage storage, IOptions<DurableOptions> options, ILoggerFactory loggers)
    {
        DurableOptions hub = options.Value;
        return new AzureStorageOrchestrationService(new AzureStorageOrchestrationServiceSettings
        {
            AppName = hub.HubName,
            TaskHubName = hub.HubName,
            StorageAccountClientProvider = storage.Durable,
            PartitionCount = hub.PartitionCount,
            UseTablePartitionManagement = true,
            LeaseInterval = hub.LeaseInterval,
            LeaseRenewInterval = hub.LeaseInterval / 3,
            LeaseAcquireInterval = hub.LeaseInterval / 4,
            MaxQueuePollingInterval = hub.MaxQueuePollingInterval,
            ControlQueueVisibilityTimeout = hub.VisibilityTimeout,
            WorkItemQueueVisibilityTimeout = hub.VisibilityTimeout,
            MaxConcurrentTaskActivityWorkItems = hub.MaxActivities,
            MaxConcurrentTaskOrchestrationWorkItems = hub.MaxOrchestrations,

            // An orchestration stays in memory between its steps instead of being replayed for each one.
            ExtendedSessionsEnabled = true,

            // An id that is in use causes an error; the request is not silently dropped.
            ThrowExceptionOnInvalidDedupeStatus = true,

            // The lease of the whole hub allows one app at a time; here every process takes its own partitions.
            UseAppLease = false,

            // The default is the machine's name: two processes on one machine would be taken for the same worker.
            WorkerId = $"{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid():N}",
            LoggerFactory = loggers,
        });
    }

    public static TaskHubWorker CreateWorker(IOrchestrationService service, ILoggerFactory loggers) => new(service, loggers)
    {
        // The details from which the isolated worker's types are created.
        ErrorPropagationMode = ErrorPropagationMode.UseFailureDetails,
    };
}
