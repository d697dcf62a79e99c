using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Modeldrop.Telemetry;

/// <summary>Names of the service's meter and traces; <c>docs/operations.md</c> lists the instruments.</summary>
public static class ServiceTelemetry
{
    /// <summary>Name of the meter and of the activity source.</summary>
    public const string Name = "Modeldrop";

    public const string ModelTag = "model";

    public const string VersionTag = "version";

    /// <summary>Creates a span for each scoring request; costs almost nothing without a listener.</summary>
    public static readonly ActivitySource Activities = new(Name);

    /// <summary>The service's meter; every room has its own instruments on it.</summary>
    internal static Meter CreateServiceMeter(this IMeterFactory factory) => factory.Create(Name);
}
