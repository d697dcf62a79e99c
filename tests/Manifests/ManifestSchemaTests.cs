using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Json.Schema;
using Modeldrop.Manifests;
using Modeldrop.Tests.Infra;

namespace Modeldrop.Tests.Manifests;

/// <summary>docs/model.schema.json and the reader accept and refuse the same manifests.</summary>
public sealed partial class ManifestSchemaTests
{
    private const string Unknown = "!";

    private static readonly JsonObject Text = JsonNode.Parse(RepositoryText.Read("docs/model.schema.json"))!.AsObject();

    private static readonly JsonSchema Schema = JsonSchema.FromText(Text.ToJsonString());

    /// <summary>Path and schema of every object with a closed list of members; the root's path is empty.</summary>
    private static IEnumerable<(string[] Path, JsonObject Schema)> Objects =>
        Descend([], Text).Where(member => member.Schema.ContainsKey("properties"));

    private static IEnumerable<(string[] Path, JsonObject Schema)> Leaves =>
        Descend([], Text).Where(member => !member.Schema.ContainsKey("properties"));

    public static TheoryData<string> ObjectPaths => [.. Objects.Select(member => string.Join('.', member.Path))];

    public static TheoryData<string> LeafPaths => [.. Leaves.Select(member => string.Join('.', member.Path))];

    public static TheoryData<string> Manifests => [.. Directory
        .EnumerateFiles(Path.Combine(RepositoryFiles.Root, "samples"), ManifestReader.FileName, SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(RepositoryFiles.Root, file))];

    [Theory]
    [MemberData(nameof(ObjectPaths))]
    public void Object_InTheSchema_HasTheMembersOfTheReader(string path)
    {
        JsonObject schema = Objects.Single(member => string.Join('.', member.Path) == path).Schema;
        ManifestReading reading = Read(path.Length == 0 ? [Unknown] : [.. path.Split('.'), Unknown], 1);
        string refusal = Assert.Single(reading.Violations, violation => violation.Contains("is unknown", StringComparison.Ordinal));

        string[] members = [.. Quoted().Matches(refusal).Select(match => match.Groups[1].Value).Skip(1)];

        IEnumerable<string> properties = schema["properties"]!.AsObject().Select(property => property.Key);
        Assert.Equal(properties.Order(StringComparer.Ordinal), members.Order(StringComparer.Ordinal));
        Assert.False(schema["additionalProperties"]!.GetValue<bool>());
    }

    [Theory]
    [MemberData(nameof(LeafPaths))]
    public void Member_AtTheLimitsOfTheSchema_IsAcceptedInsideAndRefusedOutside(string path)
    {
        JsonObject schema = Leaves.Single(member => string.Join('.', member.Path) == path).Schema;
        foreach (JsonNode? value in Candidates(schema))
        {
            JsonObject document = Document(path.Split('.'), value);
            bool taken = ManifestReader.Read(Encoding.UTF8.GetBytes(document.ToJsonString())).Manifest is not null;

            string json = document.ToJsonString();
            Assert.True(taken == IsValid(json), $"{json[..Math.Min(200, json.Length)]}: the reader says {taken}.");
        }

        if (schema["default"] is { } stated)
        {
            Assert.Equal(Defaults(path.Split('.')).ToJsonString(), stated.ToJsonString());
        }
    }

    [Theory]
    [MemberData(nameof(Manifests))]
    public void Manifest_OfASample_IsValid(string file) => Assert.True(IsValid(RepositoryText.Read(file)));

    [Fact]
    public void Manifest_OfTheDocuments_IsValid()
    {
        string documented = Example().Match(RepositoryText.Read("docs/data-formats.md")).Groups[1].Value;

        Assert.Empty(ManifestReader.Read(Encoding.UTF8.GetBytes(documented)).Violations);
        Assert.True(IsValid(documented));
        Assert.True(IsValid(ManifestReaderTests.Whole));
    }

    [Theory]
    [InlineData("""{"validation": {"metric": {}}}""")]
    [InlineData("""{"prediction": {"column": 1}}""")]
    [InlineData("""{"dataset": {"version": 1}}""")]
    [InlineData("""{"promotion": {"steps": [5, 25]}}""")]
    [InlineData("""{"promotion": {"steps": [5, 5, 100]}}""")]
    [InlineData("""{"monitoring": {"window": "24:00:00"}}""")]
    [InlineData("""{"monitoring": {"baseline": "season:53"}}""")]
    [InlineData("""{"monitoring": {"slices": [["a", "a"]]}}""")]
    [InlineData("""{"monitoring": {"slices": [["a"], ["a"]]}}""")]
    [InlineData("""{"monitoring": {"slices": [["a", "b", "c"]]}}""")]
    [InlineData("""{"monitoring": {"slices": ["a"]}}""")]
    [InlineData("""{"monitoring": {"features": {"x": true}}}""")]
    [InlineData("""{"monitoring": {"features": {"x": {"watched": true}}}}""")]
    [InlineData("""{"dataset": {"name": "a/b"}}""")]
    [InlineData("""{"companions": ["data/reference.csv"]}""")]
    [InlineData("""{"companions": ["model.ONNX"]}""")]
    [InlineData("""{"companions": [".."]}""")]
    [InlineData("""{"companions": ["_READY"]}""")]
    public void Manifest_ThatTheReaderRefuses_IsNotValid(string json)
    {
        Assert.Null(ManifestReader.Read(Encoding.UTF8.GetBytes(json)).Manifest);
        Assert.False(IsValid(json));
    }

    private static bool IsValid(string json)
    {
        var options = new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
        using JsonDocument document = JsonDocument.Parse(json, options);
        return Schema.Evaluate(document.RootElement).IsValid;
    }

    private static IEnumerable<(string[] Path, JsonObject Schema)> Descend(string[] path, JsonObject schema)
    {
        yield return (path, schema);
        foreach ((string name, JsonNode? member) in schema["properties"]?.AsObject() ?? [])
        {
            foreach ((string[], JsonObject) inner in Descend([.. path, name], Resolve(member!.AsObject())))
            {
                yield return inner;
            }
        }

        // The owner chooses the names of this object's members, so one of them represents all.
        if (schema["additionalProperties"] is JsonObject each && Resolve(each) is { } any && any.ContainsKey("properties"))
        {
            foreach ((string[], JsonObject) inner in Descend([.. path, "any"], any))
            {
                yield return inner;
            }
        }
    }

    private static JsonObject Resolve(JsonObject schema) =>
        schema["$ref"] is { } reference ? Text["$defs"]![reference.GetValue<string>().Split('/')[^1]]!.AsObject() : schema;

    /// <summary>One value of every kind, and the values at and next to each limit.</summary>
    private static IEnumerable<JsonNode?> Candidates(JsonObject schema)
    {
        const string OfEveryKind = """
            [null, true, 1, 0.5, "x", " ", "", {}, [], [100], ["100"], ["a b.csv", "..c"], {"a": "b"}, {"a": 1},
             "https://example.com/a", "1.00:00:00", "season:8", [[]], [[""]], [["a"], ["a", "b"]], [["a", "a"]], [["a", "b", "c"]],
             [["a"], ["a"]], [[1]]]
            """;
        foreach (JsonNode? any in JsonNode.Parse(OfEveryKind)!.AsArray())
        {
            yield return any?.DeepClone();
        }

        foreach (JsonNode? choice in schema["enum"]?.AsArray() ?? [])
        {
            yield return choice?.DeepClone();
        }

        foreach (JsonNode limit in new[] { schema["minimum"], schema["exclusiveMinimum"], schema["maximum"] }.OfType<JsonNode>())
        {
            double large = double.Parse(limit.ToJsonString(), CultureInfo.InvariantCulture);
            if (Math.Abs(large) > 1e28)
            {
                // Beyond the range of a decimal.
                yield return JsonValue.Create(large);
                yield return JsonValue.Create(large * 1.5);
                continue;
            }

            decimal number = decimal.Parse(limit.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture);
            foreach (decimal near in (decimal[])[number, number - 1, number + 1, number - 0.001m, number + 0.001m])
            {
                yield return JsonValue.Create(near);
            }
        }

        if (schema["maxLength"]?.GetValue<int>() is { } length)
        {
            yield return new string('x', length);
            yield return new string('x', length + 1);
        }
    }

    private static JsonObject Document(string[] path, JsonNode? value)
    {
        JsonNode? document = value?.DeepClone();
        foreach (string name in path.Reverse())
        {
            document = new JsonObject { [name] = document };
        }

        // Members that these two require.
        if (document!["prediction"] is JsonObject prediction && path[^1] != "output")
        {
            prediction["output"] = "y";
        }

        if (path is ["dataset", "version"])
        {
            document["dataset"]!["name"] = "a";
        }

        return document.AsObject();
    }

    private static JsonNode Defaults(string[] path)
    {
        JsonNode node = JsonSerializer.SerializeToNode(new Manifest(), Modeldrop.Storage.StoredJson.Options)!;
        foreach (string name in path)
        {
            node = node[name]!;
        }

        return node;
    }

    private static ManifestReading Read(string[] path, JsonNode value) =>
        ManifestReader.Read(Encoding.UTF8.GetBytes(Document(path, value).ToJsonString()));

    [GeneratedRegex("'([^']*)'")]
    private static partial Regex Quoted();

    [GeneratedRegex("### model\\.json.*?```json\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();
}
