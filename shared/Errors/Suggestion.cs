namespace Modeldrop.Errors;

/// <summary>Finds the name that a person meant by one that nobody knows.</summary>
public static class Suggestion
{
    // Longer names are not misspelt ones, and the comparison takes time in proportion to both lengths.
    private const int MaxLength = 64;

    /// <summary>
    /// The nearest of <paramref name="known"/>; null if none is near. Case, <c>_</c> and <c>-</c> do not count;
    /// up to a third of the letters may be missing, added, wrong, or changed with their neighbour.
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

    /// <summary>Damerau-Levenshtein distance, restricted: no part is changed twice.</summary>
    private static int Distance(string from, string to)
    {
        var distances = new int[from.Length + 1, to.Length + 1];
        for (int row = 0; row <= from.Length; row++)
        {
            for (int column = 0; column <= to.Length; column++)
            {
                distances[row, column] = row == 0 || column == 0 ? row + column : Math.Min(
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
