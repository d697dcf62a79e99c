using System.Text;
using System.Text.Json;

namespace Modeldrop.Tests.Acceptance;

/// <summary>Files of a folder upload arrive in any order: none is ignored because the model arrived first.</summary>
public sealed class LateFilesTests : AcceptanceTest
{
    private const string Strict = """{ "label": "species", "validation": { "metrics": { "accuracy": { "min": 0.9999 } } } }""";

    [Fact]
    public async Task Drop_FilesAfterTheModel_CountForItsGates()
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
    public async Task Drop_WaitsForExternalDataThatArriveAfterTheModel()
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

    [Fact]
    public async Task Companions_LateForTheOnlyVersion_MarkItAsFailed()
    {
        await StartAppAsync();
        await Client.PutAsync("alone/model.onnx", await SampleAsync("1", "model.onnx"));
        await Client.WaitForChampionAsync("alone", version: 1);

        await Client.PutAsync("alone/validation.csv", await SampleAsync("validation.csv"));
        await Client.PutAsync("alone/model.json", Encoding.UTF8.GetBytes(Strict));

        string rejection = await Client.WaitForDropBlobAsync("alone/rejected.json");
        Assert.Contains("accuracy", rejection, StringComparison.Ordinal);
        JsonElement version = await Client.WaitAsync("api/models/alone/versions/1", answer => answer.GetProperty("failed").GetBoolean());
        Assert.Equal("champion", version.GetProperty("status").GetString());
        JsonElement alerts = await Client.WaitAsync("api/alerts?model=alone", answer => answer.GetProperty("alerts").GetArrayLength() > 0);
        Assert.Equal("validation", alerts.GetProperty("alerts")[0].GetProperty("kind").GetString());
        Assert.Contains(">failed</span>", await Client.ReadPageAsync("console/models/alone"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Companions_LateWithAPreviousChampion_RollBackToIt()
    {
        await StartAppAsync();
        await Client.PutAsync("pair/1/model.onnx", await SampleAsync("1", "model.onnx"));
        await Client.WaitForChampionAsync("pair", version: 1);
        await Client.PutAsync("pair/2/model.onnx", await SampleAsync("2", "model.onnx"));
        await Client.WaitForChampionAsync("pair", version: 2);

        await Client.PutAsync("pair/2/validation.csv", await SampleAsync("validation.csv"));
        await Client.PutAsync("pair/2/model.json", Encoding.UTF8.GetBytes(Strict));

        Assert.Contains("Version 1 takes over.", await Client.WaitForDropBlobAsync("pair/2/rejected.json"), StringComparison.Ordinal);
        await Client.WaitForChampionAsync("pair", version: 1);
    }

    /// <summary>The blob trigger also fires for the companions of an upload, sometimes when the version already serves.</summary>
    [Fact]
    public async Task Upload_ItsOwnCompanions_AreNotLate()
    {
        await StartAppAsync();
        using var form = new MultipartFormDataContent
        {
            { new ByteArrayContent(await SampleAsync("1", "model.onnx")), "files", "model.onnx" },
            { new ByteArrayContent(await SampleAsync("reference.csv")), "files", "reference.csv" },
            { new ByteArrayContent(await SampleAsync("validation.csv")), "files", "validation.csv" },
        };
        (int status, _) = await Client.SendAsync(HttpMethod.Post, "api/models/whole/versions", form);
        Assert.Equal(202, status);
        await Client.WaitForChampionAsync("whole", version: 1);

        // A later drop has been announced, so the companions have been too.
        await Client.PutAsync("after/model.onnx", await SampleAsync("1", "model.onnx"));
        await Client.WaitForChampionAsync("after", version: 1);

        JsonElement operations = await Client.WaitAsync("api/operations?model=whole", _ => true);
        Assert.Single(operations.GetProperty("operations").EnumerateArray());
    }

    private static IEnumerable<JsonElement> Steps(JsonElement answer) =>
        answer.GetProperty("operations").EnumerateArray().SelectMany(operation => operation.GetProperty("steps").EnumerateArray());

    private static Task<byte[]> SampleAsync(params ReadOnlySpan<string> path) =>
        File.ReadAllBytesAsync(RepositoryFiles.Sample(["penguins", .. path]), TestContext.Current.CancellationToken);

    private static Task<byte[]> CaseAsync(string name) => File.ReadAllBytesAsync(
        Path.Combine(RepositoryFiles.Root, "tests", "Cases", "external", name), TestContext.Current.CancellationToken);
}
