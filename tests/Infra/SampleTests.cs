using System.Text.Json;
using System.Text.Json.Serialization;
using Modeldrop.Manifests;
using Modeldrop.Storage;

namespace Modeldrop.Tests.Infra;

/// <summary>The manifests and golden examples of samples/ have the intended content.</summary>
public sealed class SampleTests
{
    private static readonly JsonSerializerOptions Strict = new(
        StoredJson.Options) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    public static TheoryData<string> Versions => ["flights/1", "flights/2", "flights/bad", "penguins/1", "penguins/2", "digits/1"];

    [Theory]
    [MemberData(nameof(Versions))]
    public void Manifest_OfASample_HasNoUnknownMemberAndALabelOfItsData(string version)
    {
        Manifest manifest = JsonSerializer.Deserialize<Manifest>(RepositoryText.Read($"samples/{version}/model.json"), Strict)!;
        string columns = File.ReadLines(RepositoryText.PathOf($"samples/{version.Split('/')[0]}/validation.csv")).First();

        Assert.Equal(ModelTask.Classification, manifest.Task);
        Assert.Contains(manifest.Label, columns.Split(','));
        Assert.Equal("probabilities", manifest.Prediction!.Output);
        Assert.NotEmpty(manifest.Validation.Metrics);
    }

    [Theory]
    [InlineData("flights/1")]
    [InlineData("flights/2")]
    [InlineData("penguins/1")]
    [InlineData("penguins/2")]
    [InlineData("digits/1")]
    public void Examples_OfASample_AreCompleteTensors(string version)
    {
        using JsonDocument examples = JsonDocument.Parse(RepositoryText.Read($"samples/{version}/examples.json"));

        Assert.NotEqual(0, examples.RootElement.GetArrayLength());
        foreach (JsonElement example in examples.RootElement.EnumerateArray())
        {
            Assert.True(example.GetProperty("tolerance").GetDouble() > 0);
            Assert.All(example.GetProperty("request").GetProperty("inputs").EnumerateArray(), AssertWhole);
            Assert.All(example.GetProperty("response").GetProperty("outputs").EnumerateArray(), AssertWhole);
        }
    }

    private static void AssertWhole(JsonElement tensor)
    {
        long elements = tensor.GetProperty("shape").EnumerateArray().Aggregate(1L, (product, dimension) => product * dimension.GetInt64());
        Assert.Equal(elements, tensor.GetProperty("data").GetArrayLength());
    }
}
