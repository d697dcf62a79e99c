namespace Modeldrop.LocalHost.Durable;

public enum OrchestrationRuntimeStatus
{
    Running = 0,
    Completed = 1,
    Failed = 3,
    Terminated = 5,

    /// <summary>Scheduled, not started.</summary>
    Pending = 6,
    Suspended = 7,
}
