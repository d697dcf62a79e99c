using Modeldrop.Tensors;

namespace Modeldrop.Lifecycle.Validation;

/// <summary>Whether clients of a champion can use a candidate without a change.</summary>
/// <param name="Breaking">Changes that a client would notice; empty if there are none.</param>
/// <param name="Additions">Changes that do not affect existing clients.</param>
public sealed record SignatureCompatibility(IReadOnlyList<string> Breaking, IReadOnlyList<string> Additions)
{
    public bool IsCompatible => Breaking.Count == 0;

    /// <remarks>
    /// A client keeps sending the same inputs and reading the same outputs. So an input may only become wider (a fixed dimension becomes
    /// variable), and an output only narrower (a variable dimension becomes fixed). A new input is breaking, because nobody sends it,
    /// unless it is optional; a new output is an addition. Order does not matter: tensors are matched by name. The columns of a wide input
    /// are matched by position: where both versions name them, the names must be the same.
    /// </remarks>
    public static SignatureCompatibility Compare(Signature champion, Signature candidate)
    {
        List<string> breaking = [];
        List<string> additions = [];
        foreach (TensorSpec before in champion.Inputs)
        {
            Compare("Input", before, candidate.FindInput(before.Name), widens: true, breaking, additions);
        }

        foreach (TensorSpec added in candidate.Inputs.Where(input => champion.FindInput(input.Name) is null))
        {
            (added.Optional ? additions : breaking).Add(
                added.Optional
                    ? $"Input '{added}' is new and optional."
                    : $"Input '{added}' is new and required; existing clients do not send it.");
        }

        foreach (TensorSpec before in champion.Outputs)
        {
            Compare("Output", before, candidate.FindOutput(before.Name), widens: false, breaking, additions);
        }

        additions.AddRange(
            candidate.Outputs.Where(output => champion.FindOutput(output.Name) is null).Select(output => $"Output '{output}' is new."));
        return new SignatureCompatibility(breaking, additions);
    }

    private static void Compare(
        string kind, TensorSpec before, TensorSpec? after, bool widens, List<string> breaking, List<string> additions)
    {
        if (after is null)
        {
            breaking.Add($"{kind} '{before}' is missing.");
        }
        else if (after.Datatype != before.Datatype)
        {
            breaking.Add($"{kind} '{before.Name}' has changed from {before.Datatype.ProtocolName()} to {after.Datatype.ProtocolName()}.");
        }
        else if (before.UnknownRank != after.UnknownRank || !after.Shape.SequenceEqual(before.Shape))
        {
            (TensorSpec narrow, TensorSpec wide) = widens ? (before, after) : (after, before);
            bool fits = wide.UnknownRank
                || (!narrow.UnknownRank && narrow.Shape.Count == wide.Shape.Count
                    && narrow.Shape.Zip(wide.Shape).All(pair => pair.First == pair.Second || pair.Second < 0));
            string change = $"{kind} '{before.Name}' has changed its shape from {before.ShapeText} to {after.ShapeText}";
            (fits ? additions : breaking).Add(fits ? $"{change}, which still fits every existing client." : $"{change}.");
        }

        if (before.Columns is { } own && after?.Columns is { } others && !own.SequenceEqual(others, StringComparer.Ordinal))
        {
            breaking.Add($"{kind} '{before.Name}' has changed its columns from {ColumnChecks.Text(own)} to {ColumnChecks.Text(others)}.");
        }

        if (after is { Optional: false } && before.Optional)
        {
            breaking.Add($"{kind} '{before.Name}' was optional and is now required.");
        }
    }
}
