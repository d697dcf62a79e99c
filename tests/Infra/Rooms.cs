using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using Modeldrop.Names;

namespace Modeldrop.Tests.Infra;

/// <summary>Which rooms of <c>shared/</c> use which, read from the compiled types: a room is a namespace below <c>Modeldrop</c>.</summary>
internal static class Rooms
{
    private const string Root = "Modeldrop.";

    private static readonly Lazy<Architecture> House = new(() => new ArchLoader().LoadAssemblies(typeof(ModelName).Assembly).Build());

    /// <summary>Edges between rooms, such as <c>Scoring</c> to <c>Registry</c>.</summary>
    public static ILookup<string, string> Uses { get; } = EdgesBetween(space => space.Split('.')[0]);

    /// <summary>Edges between the parts of one room, such as <c>Scoring.Cache</c> to <c>Scoring.Sessions</c>.</summary>
    /// <remarks>Types at the top of a room belong to no part: options apply to all parts, and services use all parts.</remarks>
    public static ILookup<string, string> InnerUses { get; } = EdgesBetween(space => space, isInner: true);

    /// <summary>Those that are part of a cycle, or use one.</summary>
    public static IReadOnlyList<string> InCircles(ILookup<string, string> uses)
    {
        List<string> left = [.. uses.Select(group => group.Key)];
        while (left.Find(room => !uses[room].Intersect(left).Any()) is { } free)
        {
            left.Remove(free);
        }

        return left;
    }

    private static ILookup<string, string> EdgesBetween(Func<string, string> roomOf, bool isInner = false) =>
        (from type in House.Value.Types
         let space = SpaceOf(type)
         where space is not null && (!isInner || space.Contains('.'))
         from dependency in type.Dependencies
         let used = SpaceOf(dependency.Target)
         where used is not null && (!isInner || (used.Contains('.') && used.Split('.')[0] == space.Split('.')[0]))
         where roomOf(used) != roomOf(space)
         select (From: roomOf(space), To: roomOf(used)))
        .Distinct().ToLookup(edge => edge.From, edge => edge.To, StringComparer.Ordinal);

    // Generic parameters belong to no room: the loader confuses parameters with the same name.
    private static string? SpaceOf(IType type) =>
        type.Namespace?.FullName is { } space
            && type is not GenericParameter
            && space.StartsWith(Root, StringComparison.Ordinal)
            ? space[Root.Length..]
            : null;
}
