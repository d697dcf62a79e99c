namespace Modeldrop.Tests.Faults;

/// <summary>A fault, and the check that has to catch it.</summary>
/// <param name="Name">In words, as the documentation lists it.</param>
/// <param name="Sample">The model that it is put into.</param>
/// <param name="Check">As in the report; <c>admission</c> before there is a version; a name that ends in a dot stands for all checks that
/// begin with it.</param>
/// <param name="Edit">Makes it.</param>
/// <param name="With">What the drop brings beside the model.</param>
internal sealed record SeededFault(
    string Name, string Sample, string Check, Action<OnnxEditor> Edit, FaultCompanions With = FaultCompanions.Labels)
{
    /// <summary>
    /// What the manifest allows for the 95th percentile of one row, in milliseconds; tight only where slowness is the fault.
    /// </summary>
    public double LatencyP95Ms { get; init; } = 1_000;

    public override string ToString() => Name;
}

/// <summary>What lies beside a faulty model.</summary>
[Flags]
internal enum FaultCompanions
{
    /// <summary>Nothing: only the log of the champion can tell.</summary>
    None = 0,

    /// <summary>Held-out rows with labels.</summary>
    Labels = 1,

    /// <summary>Golden examples of the model as it was trained.</summary>
    Examples = 2,
}
