using System.Text;
using System.Text.Json;

namespace Modeldrop.Tests.Acceptance;

/// <summary>Files of a folder upload come in any order: none is ignored because the model came first.</summary>
public sealed class LateFilesTests : AcceptanceTest
{
    private const string Strict = """{ "label": "species", "validation": { "metrics": { "accuracy": { "min": 0.9999 } } } }""";

    [Fact]
    public async Task Drop_FilesBehindTheModel_CountForItsGates()
    {
        await StartAppAsync();
        await Client.PutAsync("strict/model.json", Encoding.UTF8.GetBytes(Strict));
        await Client.PutAsync("strict/model.onnx", await SampleAsync("1", "model.onnx"));
        await Client.PutAsync("strict/reference.csv", await SampleAsync("reference.csv"));
        await Client.PutAsync("strict/validation.csv", await SampleAsync("validation.csv"));

        JsonElement rejection = JsonDocument.Parse(await Client.WaitForDropBlobAsync("strict/rejected.json")).RootElement;

        Assert.Contains("accuracy", rejection.GetProperty("reasons")[0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Drop_ExternalDataBehindTheModel_AreWaitedFor()
    {
        await StartAppAsync();
        await Client.PutAsync("weights/model.onnx", await CaseAsync("model.onnx"));
        JsonElement waiting = await Client.WaitAsync("api/operations?model=weights", answer => Steps(answer).Any(step =>
            step.GetProperty("name").GetString() == "waiting for files"
            && step.GetProperty("detail").GetString()!.Contains("'model.onnx.data'", StringComparison.Ordinal)));
        Assert.Equal("running", waiting.GetProperty("operations")[0].GetProperty("status").GetString());

        await Client.PutAsync("weights/model.onnx.data", await CaseAsync("model.onnx.data"));

        await Client.WaitForChampionAsync("weights", version: 1);
    }

    private static IEnumerable<JsonElement> Steps(JsonElement answer) =>
        answer.GetProperty("operations").EnumerateArray().SelectMany(operation => operation.GetProperty("steps").EnumerateArray());

    private static Task<byte[]> SampleAsync(params ReadOnlySpan<string> path) =>
        File.ReadAllBytesAsync(RepositoryFiles.Sample(["penguins", .. path]), TestContext.Current.CancellationToken);

    private static Task<byte[]> CaseAsync(string name) => File.ReadAllBytesAsync(
        Path.Combine(RepositoryFiles.Root, "tests", "Cases", "external", name), TestContext.Current.CancellationToken);
}
