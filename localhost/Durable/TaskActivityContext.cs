namespace Modeldrop.LocalHost.Durable;

/// <summary>What an activity knows about the call.</summary>
public abstract class TaskActivityContext
{
    public abstract TaskName Name { get; }

    /// <summary>The orchestration that called.</summary>
    public abstract string InstanceId { get; }
}
