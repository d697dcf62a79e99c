namespace Modeldrop.LocalHost.Durable;

/// <param name="Output">Becomes the instance's output.</param>
/// <param name="Recursive">Whether its running sub-orchestrations are terminated, too.</param>
public record TerminateInstanceOptions(object? Output = null, bool Recursive = false);
