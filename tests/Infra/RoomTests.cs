using System.Text.RegularExpressions;

namespace Modeldrop.Tests.Infra;

/// <summary>The rooms of <c>shared/</c> use each other as docs/architecture.md says, and in no circle.</summary>
public sealed partial class RoomTests
{
    private static readonly string[] GroundFloor = ["Errors", "Plots", "Storage", "Tabular", "Telemetry", "Tensors"];

    [Fact]
    public void Rooms_Uses_AreThoseOfTheTable()
    {
        IEnumerable<string> documented = Row().Matches(RepositoryText.Read("docs/architecture.md"))
            .Select(match => $"{match.Groups["room"].Value}: {string.Join(", ", Word().Matches(match.Groups["uses"].Value).Select(word => word.Value).Order(StringComparer.Ordinal))}");
        IEnumerable<string> real = Rooms().Except(GroundFloor).Select(room => $"{room}: {string.Join(", ", UsedBy(room).Except(GroundFloor))}");

        Assert.Equal(real.Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void GroundFloor_Uses_NoRoom() => Assert.Empty(GroundFloor.SelectMany(UsedBy).Except(GroundFloor));

    [Fact]
    public void Rooms_Uses_FormNoCircle()
    {
        List<string> left = [.. Rooms()];
        while (left.FirstOrDefault(room => !UsedBy(room).Intersect(left).Any()) is { } free)
        {
            left.Remove(free);
        }

        Assert.Empty(left);
    }

    private static IEnumerable<string> Rooms() => Directory.EnumerateDirectories(RepositoryText.PathOf("shared"))
        .Select(folder => Path.GetFileName(folder)!)
        .Where(name => char.IsAsciiLetterUpper(name[0]));

    private static IEnumerable<string> UsedBy(string room) =>
        Directory.EnumerateFiles(RepositoryText.PathOf($"shared/{room}"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => Using().Matches(File.ReadAllText(file)).Select(match => match.Groups["room"].Value))
            .Where(used => used != room)
            .Distinct()
            .Order(StringComparer.Ordinal);

    [GeneratedRegex(@"^using (static )?Modeldrop\.(?<room>[A-Za-z]+)", RegexOptions.Multiline)]
    private static partial Regex Using();

    // | Scoring | does | keeps | Predictions, Registry |
    [GeneratedRegex(@"^\| (?<room>[A-Z][a-z]+) \|[^|\n]*\|[^|\n]*\| (?<uses>[^|\n]*) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("[A-Z][a-z]+")]
    private static partial Regex Word();
}
