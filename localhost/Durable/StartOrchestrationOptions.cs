namespace Modeldrop.LocalHost.Durable;

/// <summary>How a new instance is started.</summary>
/// <param name="InstanceId">1 to 100 characters without <c>/ \ # ?</c>; null: a new random id.</param>
/// <param name="StartAt">Not before this time; null: at once.</param>
public record StartOrchestrationOptions(string? InstanceId = null, DateTimeOffset? StartAt = null);
