namespace Modeldrop.Scoring;

/// <summary>A model declares what no tensor of the protocol can carry.</summary>
public sealed class UnsupportedModelException(IReadOnlyList<string> problems) : Exception(string.Join(" ", problems))
{
    /// <summary>A sentence for each input or output.</summary>
    public IReadOnlyList<string> Problems { get; } = problems;
}
