using System.Text.RegularExpressions;

namespace Modeldrop.Tests.Infra;

/// <summary>The documents match the code.</summary>
public sealed partial class DocumentTests
{
    private static readonly string[] Folders = ["docs", "samples", "infra", "bench"];

    public static TheoryData<string> Documents => [.. Directory.EnumerateFiles(RepositoryFiles.Root, "*.md")
        .Concat(Folders.Select(RepositoryText.PathOf).Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.md", SearchOption.AllDirectories)))
        .Select(file => Path.GetRelativePath(RepositoryFiles.Root, file).Replace('\\', '/'))];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Document_RelativeLink_HasATarget(string document)
    {
        string folder = Path.GetDirectoryName(RepositoryText.PathOf(document))!;
        string[] dead = [.. Link().Matches(RepositoryText.Read(document)).Select(match => match.Groups["target"].Value)
            .Where(target => !target.Contains("://", StringComparison.Ordinal))
            .Where(target => !Path.Exists(Path.Combine(folder, target.Split('#')[0])))];

        Assert.True(dead.Length == 0, $"{document} links to {string.Join(", ", dead)}, which is not there.");
    }

    [Fact]
    public void Routes_OfTheDocument_EqualThoseOfTheFunctions()
    {
        string[] documented = [.. RouteLine().Matches(RepositoryText.Read("docs/routes.md"))
            .Select(match => $"{match.Groups["verb"].Value} /{RouteText.Normalize(match.Groups["route"].Value)}").Distinct()];

        // Every GET route also accepts HEAD.
        IEnumerable<string> routes = FunctionTable.Routes.Where(route => !route.StartsWith("HEAD ", StringComparison.Ordinal));
        Assert.Equal(routes.Distinct().Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Operations_Settings_EqualThoseOfTheSample()
    {
        string operations = RepositoryText.Read("docs/operations.md");
        string[] missing = [.. SettingsSample.Keys.Where(key => !operations.Contains($"`{key}`", StringComparison.Ordinal))];

        Assert.True(missing.Length == 0, $"docs/operations.md does not explain {string.Join(", ", missing)}.");
    }

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    // A cell of the route table: | `GET /api/models` · `POST /api/models/{m}/promote` | what |
    [GeneratedRegex(@"`(?<verb>GET|POST|PUT|PATCH|DELETE) (?<route>/[^`\s?]*)[^`]*`")]
    private static partial Regex RouteLine();
}
