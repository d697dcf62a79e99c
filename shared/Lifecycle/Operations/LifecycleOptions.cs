using System.ComponentModel.DataAnnotations;

namespace Modeldrop.Lifecycle.Operations;

/// <summary>How many operations do slow work at the same time, over all instances.</summary>
public sealed class LifecycleOptions
{
    public const string SectionName = "Lifecycle";

    /// <summary>
    /// Drops that are opened, checked and validated at once, at most one of a model; the others wait in line. Default 4: one computes in
    /// the child process while others wait for the store. With several instances, set four an instance.
    /// </summary>
    [Range(1, 1_000)]
    public int RegistrationSlots { get; set; } = 4;

    /// <summary>
    /// Batches that are scored at once, at most one of a model, each with eight parts in parallel. Default 2: a part takes a whole core.
    /// </summary>
    [Range(1, 1_000)]
    public int BatchSlots { get; set; } = 2;
}
