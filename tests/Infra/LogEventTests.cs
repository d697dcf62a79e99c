using System.Globalization;
using System.Text.RegularExpressions;

namespace Modeldrop.Tests.Infra;

/// <summary>Log event ids: each has one meaning and belongs to a room (docs/operations.md).</summary>
public sealed partial class LogEventTests
{
    private static readonly IReadOnlyList<(string Room, int Id)> Events = [.. Read()];

    [Fact]
    public void Events_Ids_AreUnique() =>
        Assert.Empty(Events.GroupBy(logged => logged.Id).Where(group => group.Count() > 1).Select(group => group.Key));

    [Fact]
    public void Events_OfARoom_AreInItsBlockOfTheTable()
    {
        (string Room, int From, int To)[] blocks = [.. Block().Matches(RepositoryText.Read("docs/operations.md"))
            .Select(match => (match.Groups["room"].Value, Number(match.Groups["from"]), Number(match.Groups["to"])))];
        string[] outside =
            [.. Events.Where(logged => !blocks.Any(block => logged.Room == block.Room && logged.Id >= block.From && logged.Id <= block.To))
            .Select(logged => $"{logged.Room} {logged.Id}")];

        Assert.NotEmpty(Events);
        Assert.Empty(outside);
    }

    private static IEnumerable<(string Room, int Id)> Read() =>
        from top in (string[])["shared", "functions", "standalone"]
        from file in Directory.EnumerateFiles(RepositoryText.PathOf(top), "*.cs", SearchOption.AllDirectories)
        let path = Path.GetRelativePath(RepositoryFiles.Root, file).Replace('\\', '/')
        where !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal)
        from Match match in Event().Matches(File.ReadAllText(file))
        select (RoomOf(path.Split('/')), Number(match.Groups["id"]));

    // shared/Scoring/…: shared/Scoring; standalone/Timers/…: standalone.
    private static string RoomOf(string[] path) => path[0] == "standalone" ? path[0] : $"{path[0]}/{path[1]}";

    private static int Number(Group group) => int.Parse(group.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\[LoggerMessage\((EventId = )?(?<id>\d+),")]
    private static partial Regex Event();

    // | 3000–3999 | `shared/Scoring` | what |
    [GeneratedRegex(@"^\| (?<from>\d+)–(?<to>\d+) \| `(?<room>[^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Block();
}
