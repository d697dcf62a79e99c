namespace Modeldrop.Tests.Faults;

/// <summary>A fault, and the check that has to catch it.</summary>
/// <param name="Name">The fault in words, as in the documentation.</param>
/// <param name="Sample">The model that gets the fault.</param>
/// <param name="Check">
/// The check's name in the report; <c>admission</c> before there is a version; a name that ends in a dot means all checks with this prefix.
/// </param>
/// <param name="Edit">Applies the fault.</param>
/// <param name="With">The companions of the drop.</param>
internal sealed record SeededFault(
    string Name, string Sample, string Check, Action<OnnxEditor> Edit, FaultCompanions With = FaultCompanions.Labels)
{
    /// <summary>The manifest's limit for the 95th percentile of one row, in milliseconds; strict only if slowness is the fault.</summary>
    public double LatencyP95Ms { get; init; } = 1_000;

    public override string ToString() => Name;
}

/// <summary>The companions of a faulty model.</summary>
[Flags]
internal enum FaultCompanions
{
    /// <summary>No companions: only the champion's log can reveal the fault.</summary>
    None = 0,

    /// <summary>Held-out rows with labels.</summary>
    Labels = 1,

    /// <summary>Golden examples of the model as it was trained.</summary>
    Examples = 2,
}
