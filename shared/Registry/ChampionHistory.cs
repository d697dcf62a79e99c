using System.Collections.Immutable;
using Modeldrop.Names;

namespace Modeldrop.Registry;

/// <summary>Which version a roll back without a number goes to.</summary>
public static class ChampionHistory
{
    private const int MaxFormer = 10;

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

    /// <summary>The stack without the champion itself, as a head keeps it, after the alias has moved.</summary>
    internal static ImmutableArray<int> FormerAfter(ModelHead head, AliasMoved move)
    {
        if (move.Alias != AliasName.Champion.Value)
        {
            return head.Former;
        }

        if (move.RolledBack && move.From != move.To)
        {
            return head.Former[..Math.Max(0, head.Former.LastIndexOf(move.To))];
        }

        ImmutableArray<int> former = move.From is { } from && from != move.To ? Push(head.Former, from) : head.Former;
        return former is [.., var last] && last == move.To ? former[..^1] : former;
    }

    /// <summary>The same after the alias was deleted: its version stays on the stack.</summary>
    internal static ImmutableArray<int> FormerAfter(ModelHead head, AliasDeleted deletion) =>
        deletion.Alias == AliasName.Champion.Value ? Push(head.Former, deletion.From) : head.Former;

    private static ImmutableArray<int> Push(ImmutableArray<int> former, int version) =>
        former is [.., var last] && last == version ? former : [.. former.TakeLast(MaxFormer - 1), version];
}
