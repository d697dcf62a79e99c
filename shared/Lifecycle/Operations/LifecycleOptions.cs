using System.ComponentModel.DataAnnotations;

namespace Modeldrop.Lifecycle.Operations;

/// <summary>How many operations do slow work at the same time, on all instances together.</summary>
public sealed class LifecycleOptions
{
    public const string SectionName = "Lifecycle";

    /// <summary>
    /// Drops that are opened, checked and validated at once; the others wait in line, and of a model one is at it at a time. Default 4: one
    /// computes in the child process while others wait for the store. With several instances, four an instance.
    /// </summary>
    [Range(1, 1_000)]
    public int RegistrationSlots { get; set; } = 4;

    /// <summary>
    /// Batches that are scored at once, eight parts each; of a model one at a time. Default 2: a part takes a whole core.
    /// </summary>
    [Range(1, 1_000)]
    public int BatchSlots { get; set; } = 2;
}
