using System.Text.Json;
using Modeldrop.Tests.Infra;
using Modeldrop.Tests.Standalone;

namespace Modeldrop.Tests.Acceptance;

/// <summary>
/// Runs each shell block of docs/your-first-model.md, in order, in a separate folder. The training is not run; its output is in
/// samples/iris.
/// </summary>
public sealed class TutorialTests : AcceptanceTest
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tutorial_EachCommand_DoesWhatThePageSays()
    {
        using var folder = new TemporaryFolder();

        // The output of the training, by scikit-learn 1.2.1 and skl2onnx 1.17.0.
        void Leave(string sample) => File.Copy(
            RepositoryText.PathOf($"samples/iris/{sample}"), Path.Combine(folder.Path, Path.GetFileName(sample)), overwrite: true);

        AppProcess app = await StartAppAsync();
        Leave("reference.csv");
        Leave("validation.csv");
        Leave("1/model.onnx");
        List<string> blocks = [.. ShellBlocks.Of("docs/your-first-model.md")];
        async Task<string> NextAsync(string expected)
        {
            string block = blocks[0];
            blocks.RemoveAt(0);
            string said = await ShellBlocks.RunAsync(block, app, folder.Path, Cancellation);
            Assert.True(said.Contains(expected, StringComparison.Ordinal), $"{block}\nanswers\n{said}\nand not {expected}");
            return said;
        }

        await NextAsync("");
        string manifest = await File.ReadAllTextAsync(Path.Combine(folder.Path, "model.json"), Cancellation);
        Assert.Equal(Compact(RepositoryText.Read("samples/iris/1/model.json")), Compact(manifest));
        JsonElement accepted = JsonElement.Parse(await NextAsync("/api/operations/iris~register~"));
        await NextAsync("");
        // The model is ready a moment before its operation has ended.
        await Client.WaitAsync($"api/operations/{accepted.GetProperty("operation")}",
            operation => operation.GetProperty("status").GetString() == "completed");
        await NextAsync("\"outcome\":\"done\"");
        string report = await NextAsync("metric.accuracy.min");
        Assert.Contains("Input 'X': 'sepal length (cm)', 'sepal width (cm)', 'petal length", report, StringComparison.Ordinal);
        await NextAsync("\"output_label\":\"setosa\"");
        await NextAsync("\"flower-1\"");
        await NextAsync("\"requestId\":\"flower-1\"");
        await NextAsync("\"stored\":1");
        await NextAsync("\"labelled\":1");
        await NextAsync("");
        JsonElement drift = JsonElement.Parse(await NextAsync("\"drifted\":true"));
        Assert.Contains("petal length (cm)", drift.GetProperty("summary").GetString(), StringComparison.Ordinal);

        Leave("bad/model.onnx");
        await NextAsync("accuracy 0.8667 is below 0.9000, the least that is allowed.");
        Leave("2/model.onnx");
        await NextAsync("/api/operations/iris~register~");
        await NextAsync("/api/operations/iris~rollback~");
        string audit = await NextAsync("only to try it");
        Assert.Contains("\"rolledBack\":true", audit, StringComparison.Ordinal);
        Assert.Empty(blocks);

        foreach (string page in (string[])["console/models/iris", "console/models/iris/performance?window=hour",
            "console/models/iris/drift"])
        {
            Assert.Contains($"127.0.0.1:7071/{page}>", RepositoryText.Read("docs/your-first-model.md"), StringComparison.Ordinal);
            Assert.Contains("iris", await app.Http.GetStringAsync(page, Cancellation), StringComparison.Ordinal);
        }
    }

    private static string Compact(string json) => JsonSerializer.Serialize(JsonElement.Parse(json));
}
