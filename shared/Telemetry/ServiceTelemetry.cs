using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Modeldrop.Telemetry;

/// <summary>Names under which the service measures and traces; the instruments are listed in <c>docs/operations.md</c>.</summary>
public static class ServiceTelemetry
{
    /// <summary>Of the meter and of the activity source.</summary>
    public const string Name = "Modeldrop";

    public const string ModelTag = "model";

    public const string VersionTag = "version";

    /// <summary>A span for each request for scores; costs next to nothing while nobody listens.</summary>
    public static readonly ActivitySource Activities = new(Name);

    /// <summary>The service's meter; every room has its own instruments on it.</summary>
    internal static Meter CreateServiceMeter(this IMeterFactory factory) => factory.Create(Name);
}
