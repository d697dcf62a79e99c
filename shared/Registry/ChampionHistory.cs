namespace Modeldrop.Registry;

/// <summary>Which version a roll back without a number goes to.</summary>
public static class ChampionHistory
{
    /// <summary>The champion before the present one; null when there was none.</summary>
    /// <remarks>
    /// A promotion is put on a stack, a roll back takes from it what it skipped. So after 1, 2, 3 a first roll back goes to 2 and a second
    /// one to 1, and not to the 3 that was just given up.
    /// </remarks>
    /// <param name="history">Of the alias <c>champion</c>, oldest first.</param>
    public static int? Previous(IEnumerable<AliasChange> history)
    {
        var champions = new Stack<int>();
        foreach (AliasChange change in history)
        {
            if (change.To is not { } version)
            {
                continue;
            }

            if (change.RolledBack)
            {
                while (champions.Count > 0 && champions.Peek() != version)
                {
                    champions.Pop();
                }
            }

            if (champions.Count == 0 || champions.Peek() != version)
            {
                champions.Push(version);
            }
        }

        return champions.Skip(1).Select(version => (int?)version).FirstOrDefault();
    }
}
