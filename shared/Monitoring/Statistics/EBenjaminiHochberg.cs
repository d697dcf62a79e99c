namespace Modeldrop.Monitoring.Statistics;

/// <summary>Selects the significant ones of several features by their evidence (e-values).</summary>
/// <remarks>
/// Source: Wang and Ramdas, False discovery rate control with e-values (2022). Of K features, the k with the most evidence are selected,
/// for the greatest k whose k-th feature has at least K / (α · k). Keeps the expected share of false selections at most α, however the
/// features depend on each other.
/// </remarks>
public static class EBenjaminiHochberg
{
    /// <param name="logEvidence">Natural logarithms of the evidence.</param>
    /// <returns>Whether each feature is selected, in the order of <paramref name="logEvidence"/>.</returns>
    public static bool[] Select(IReadOnlyList<double> logEvidence, double significance)
    {
        int[] descending = [.. Enumerable.Range(0, logEvidence.Count).OrderByDescending(index => logEvidence[index])];
        int count = 0;
        for (int rank = 1; rank <= descending.Length; rank++)
        {
            count = logEvidence[descending[rank - 1]] >= Math.Log(descending.Length / (significance * rank)) ? rank : count;
        }

        var selected = new bool[logEvidence.Count];
        foreach (int index in descending[..count])
        {
            selected[index] = true;
        }

        return selected;
    }
}
