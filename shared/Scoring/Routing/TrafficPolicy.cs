namespace Modeldrop.Scoring;

/// <summary>Who takes the requests that name neither version nor alias.</summary>
/// <remarks>Immutable and pure: the same head and routing key give the same version on every instance.</remarks>
public sealed class TrafficPolicy(Route? champion)
{
    /// <summary>Null while no version is champion.</summary>
    public Route? Champion { get; } = champion;

    /// <param name="routingKey">Requests of one key go to one version while the split stays; the champion takes all traffic so far.</param>
    public Route? Pick(string? routingKey) => Champion;
}
