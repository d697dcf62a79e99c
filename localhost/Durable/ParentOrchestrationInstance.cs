namespace Modeldrop.LocalHost.Durable;

/// <summary>The orchestration that called this one as a sub-orchestration.</summary>
public record ParentOrchestrationInstance(TaskName Name, string InstanceId);
