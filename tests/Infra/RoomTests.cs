using System.Text.RegularExpressions;

namespace Modeldrop.Tests.Infra;

/// <summary>The rooms of <c>shared/</c> use each other as in docs/architecture.md, without cycles.</summary>
public sealed partial class RoomTests
{
    private static readonly string[] GroundFloor = ["Errors", "Names", "Pages", "Speed", "Storage", "Tabular", "Telemetry", "Tensors"];

    [Fact]
    public void Rooms_Uses_EqualTheTable()
    {
        IEnumerable<string> documented = Row().Matches(RepositoryText.Read("docs/architecture.md"))
            .Select(match => TextOf(match.Groups["room"].Value, Word().Matches(match.Groups["uses"].Value).Select(word => word.Value)));
        IEnumerable<string> real = Folders().Except(GroundFloor).Select(room => TextOf(room, Rooms.Uses[room].Except(GroundFloor)));

        Assert.Equal(real.Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void GroundFloor_UsesNoRoom() => Assert.Empty(GroundFloor.SelectMany(room => Rooms.Uses[room]).Except(GroundFloor));

    [Fact]
    public void Rooms_Uses_FormNoCycle() => Assert.Empty(Rooms.InCircles(Rooms.Uses));

    [Fact]
    public void Parts_Uses_FormNoCycle()
    {
        Assert.Contains("Scoring.Sessions", Rooms.InnerUses["Scoring.Running"]);
        Assert.Empty(Rooms.InCircles(Rooms.InnerUses));
    }

    [Fact]
    public void InCircles_TwoNamespacesThatUseEachOther_AreFound() => Assert.Equal(
        ["A", "B"], Rooms.InCircles(new[] { ("A", "B"), ("B", "A"), ("C", "D") }.ToLookup(edge => edge.Item1, edge => edge.Item2)));

    [Theory]
    [InlineData("shared", "Modeldrop")]
    [InlineData("functions", "Modeldrop.Functions")]
    [InlineData("standalone", "Modeldrop.Standalone")]
    [InlineData("tests", "Modeldrop.Tests")]
    public void Files_Namespaces_FollowTheirFolders(string top, string root)
    {
        IEnumerable<string> wrong =
            from file in RepositoryText.CodeOf(top)
            let folder = Path.GetDirectoryName(file)!.Replace('\\', '/')
            let space = Namespace().Match(RepositoryText.Read(file)).Groups["space"].Value
            where space.Length > 0 && space != (folder == top ? root : $"{root}.{folder[(top.Length + 1)..].Replace('/', '.')}")
            select $"{file}: {space}";

        Assert.Empty(wrong);
    }

    /// <summary>
    /// The places where a newcomer looks first, by docs/architecture.md: each place exists and contains the named member.
    /// </summary>
    [Fact]
    public void FirstGuesses_Places_HaveTheMembersOfTheTable()
    {
        Match[] guesses = Guess().Matches(RepositoryText.Read("docs/architecture.md")).ToArray();
        IEnumerable<string> wrong = guesses
            .Where(
                guess => !RepositoryText.Read(guess.Groups["file"].Value).Contains(guess.Groups["member"].Value, StringComparison.Ordinal))
            .Select(guess => guess.Value);

        Assert.InRange(guesses.Length, 7, 20);
        Assert.Empty(wrong);
    }

    private static string TextOf(string room, IEnumerable<string> uses) =>
        $"{room}: {string.Join(", ", uses.Order(StringComparer.Ordinal))}";

    private static IEnumerable<string> Folders() => Directory.EnumerateDirectories(RepositoryText.PathOf("shared"))
        .Select(folder => Path.GetFileName(folder)!)
        .Where(name => char.IsAsciiLetterUpper(name[0]));

    [GeneratedRegex(@"^namespace (?<space>[\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    // | Scoring | does | keeps | Predictions, Registry |
    [GeneratedRegex(@"^\| (?<room>[A-Z][a-z]+) \|[^|\n]*\|[^|\n]*\| (?<uses>[^|\n]*) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    // | Where does an alias move? | `shared/Registry/RegistryService.Aliases.cs`, `MoveAliasAsync` |
    [GeneratedRegex(@"^\| [^|\n]+\? \| `(?<file>[^`|\n]+\.cs)`, `(?<member>[^`|\n]+)` \|$", RegexOptions.Multiline)]
    private static partial Regex Guess();

    [GeneratedRegex("[A-Z][a-z]+")]
    private static partial Regex Word();
}
