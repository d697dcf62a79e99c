using System.Diagnostics.Metrics;
using Modeldrop.Telemetry;

namespace Modeldrop.Drops;

/// <summary>Counts refused drops by the stage that refused them.</summary>
public sealed class DropMeter(IMeterFactory meters)
{
    private readonly Counter<long> _refused = meters.CreateServiceMeter().CreateCounter<long>(
        "drops.refused", "{drop}", "Drops that were refused, by the stage: admission, before there is a version, or validation.");

    /// <param name="version">The version that was refused; null: the drop did not become one.</param>
    public void CountRefused(int? version) =>
        _refused.Add(1, new KeyValuePair<string, object?>("stage", version is null ? "admission" : "validation"));
}
