using System.Collections.Immutable;
using Modeldrop.Names;

namespace Modeldrop.Registry;

/// <summary>Finds the target of a roll back without a version number.</summary>
public static class ChampionHistory
{
    private const int MaxFormer = 10;

    /// <summary>Returns the previous champion; null if there was none.</summary>
    /// <remarks>
    /// A promotion pushes the champion on a stack; a roll back pops the versions that it skips. So after 1, 2, 3 a first roll back goes to
    /// 2 and a second one to 1, not to the 3 that was just rolled back.
    /// </remarks>
    /// <param name="history">History of the alias <c>champion</c>, oldest first.</param>
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

    /// <summary>Returns the stack without the champion itself, as a head stores it, after the alias has moved.</summary>
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

    /// <summary>Returns the stack after the alias was deleted: its version stays on the stack.</summary>
    internal static ImmutableArray<int> FormerAfter(ModelHead head, AliasDeleted deletion) =>
        deletion.Alias == AliasName.Champion.Value ? Push(head.Former, deletion.From) : head.Former;

    private static ImmutableArray<int> Push(ImmutableArray<int> former, int version) =>
        former is [.., var last] && last == version ? former : [.. former.TakeLast(MaxFormer - 1), version];
}
