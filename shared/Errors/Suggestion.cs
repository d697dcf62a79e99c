namespace Modeldrop.Errors;

/// <summary>Suggests a known name for an unknown one.</summary>
public static class Suggestion
{
    // Longer names are rarely misspelt, and the comparison takes time proportional to both lengths.
    private const int MaxLength = 64;

    /// <summary>
    /// Returns the nearest of <paramref name="known"/>; null if none is near. Case, <c>_</c> and <c>-</c> are ignored; up to a third of the
    /// letters may be missing, added, wrong, or swapped with a neighbour.
    /// </summary>
    public static string? Find(string name, IEnumerable<string> known)
    {
        string letters = Letters(name);
        return name.Length > MaxLength ? null : known
            .Select(candidate => (candidate, Distance: Distance(letters, Letters(candidate))))
            .Where(pair => pair.Distance <= letters.Length / 3)
            .OrderBy(pair => pair.Distance)
            .Select(pair => pair.candidate)
            .FirstOrDefault();
    }

    private static string Letters(string name) =>
        name.ToLowerInvariant().Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal);

    /// <summary>Restricted Damerau-Levenshtein distance: no part is changed twice.</summary>
    private static int Distance(string from, string to)
    {
        var distances = new int[from.Length + 1, to.Length + 1];
        for (int row = 0; row <= from.Length; row++)
        {
            for (int column = 0; column <= to.Length; column++)
            {
                distances[row, column] = row == 0 || column == 0
                    ? row + column
                    : Math.Min(
                        Math.Min(distances[row - 1, column], distances[row, column - 1]) + 1,
                        distances[row - 1, column - 1] + (from[row - 1] == to[column - 1] ? 0 : 1));
                if (row > 1 && column > 1 && from[row - 1] == to[column - 2] && from[row - 2] == to[column - 1])
                {
                    distances[row, column] = Math.Min(distances[row, column], distances[row - 2, column - 2] + 1);
                }
            }
        }

        return distances[from.Length, to.Length];
    }
}
