using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;
using Modeldrop.Lifecycle.Registration;
using Modeldrop.Names;
using Modeldrop.Storage;
using Modeldrop.Tests.Tracking.Runs;
using Modeldrop.Tracking.Artifacts;
using Modeldrop.Tracking.Models;
using Modeldrop.Tracking.Runs;

namespace Modeldrop.Tests.Tracking.Models;

/// <summary>From a <c>source</c> to a drop.</summary>
public sealed class SourceTests(AzuriteFixture azurite)
{
    private static readonly HostString Host = new("models.example", 8080);

    private readonly TrackingKit _kit = new(azurite);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Read_EachFormOfALoggedModel_GivesItsFolder()
    {
        Run run = await _kit.RunAsync();
        LoggedModel model = await _kit.LoggedAsync(run.Id);
        string path = $"0/models/{model.Id}/artifacts";
        foreach (string source in (string[])[
            $"models:/{model.Id}", $"mlflow-artifacts:/{path}", $"mlflow-artifacts:/{path}/",
            $"mlflow-artifacts://models.example:8080/{path}",
            $"http://models.example:8080/api/2.0/mlflow-artifacts/artifacts/{path}",
            $"https://models.example:8080/prefix/api/2.0/mlflow-artifacts/artifacts/{path}"])
        {
            VersionSource found = await ReadAsync(source);

            Assert.Equal((path, model.Id, run.Id), (found.Folder.FullPath, found.Logged?.Id, found.Run?.Id));
        }
    }

    [Fact]
    public async Task Read_FolderOfARun_GivesTheRun()
    {
        Run run = await _kit.RunAsync();
        foreach (string source in (string[])[$"runs:/{run.Id}/m", $"mlflow-artifacts:/0/{run.Id}/artifacts/m"])
        {
            VersionSource found = await ReadAsync(source);

            Assert.Equal(($"0/{run.Id}/artifacts/m", run.Id), (found.Folder.FullPath, found.Run!.Id));
        }
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("file:///etc/passwd")]
    [InlineData("./model")]
    [InlineData("..")]
    [InlineData("s3://bucket/model")]
    [InlineData("http://169.254.169.254/api/2.0/mlflow-artifacts/artifacts/0/{run}/artifacts")]
    [InlineData("http://models.example:8080/other/0/{run}/artifacts")]
    [InlineData("http:/api/2.0/mlflow-artifacts/artifacts/0/{run}/artifacts")]
    [InlineData("mlflow-artifacts://other.example/0/{run}/artifacts")]
    [InlineData("mlflow-artifacts:/0/{run}/artifacts/../../x")]
    [InlineData("mlflow-artifacts:/0/{run}/artifacts/%2e%2e/x")]
    [InlineData("mlflow-artifacts:/0/{run}/artifacts/..%2f..%2fx")]
    [InlineData("mlflow-artifacts:/0/{run}/artifacts/a%00")]
    [InlineData("mlflow-artifacts:/")]
    [InlineData("models:/flights/champion")]
    [InlineData("models:/m-1")]
    [InlineData("dbfs:/x")]
    public async Task Read_ForeignSource_IsRefused(string source)
    {
        Run run = await _kit.RunAsync();

        var exception = await Assert.ThrowsAsync<ServiceException>(
            () => ReadAsync(source.Replace("{run}", run.Id, StringComparison.Ordinal)));

        Assert.Equal(ErrorCode.InvalidRequest, exception.Code);
    }

    [Fact]
    public async Task Store_LoggedModel_BecomesADropWithItsRun()
    {
        Run run = await _kit.RunAsync();
        await _kit.Runs.LogAsync(
            run.Id,
            new RunBatch(
                [new MetricPoint("auc", 0.8, 1, 1)], new Dictionary<string, string> { ["depth"] = "3" },
                new Dictionary<string, string> { ["a"] = "b" }),
            TrackingKit.Ann, Cancellation);
        VersionSource source = await UploadAsync(await _kit.Runs.GetAsync(run.Id, TrackingKit.Ann, Cancellation));

        IntakePlan plan = await _kit.Intake.PlanAsync(source, TrackingKit.Ann, Cancellation);
        RegisterInput drop = await _kit.Intake.StoreAsync(ModelName.Parse("flights"), source, plan, TrackingKit.Ann, Cancellation);

        string folder = drop.Path[..(drop.Path.LastIndexOf('/') + 1)];
        string[] files = [.. await _kit.Account.Container(BlobContainers.Drop).GetBlobsAsync(cancellationToken: Cancellation)
            .Select(blob => blob.Name[folder.Length..]).ToListAsync(Cancellation)];
        Assert.Equal(["MLmodel", "conda.yaml", "model.json", "model.onnx", "model.onnx.data", "run.json"], files);
        Assert.True(drop.IsUpload);
        Assert.Equal("""{"description":"late","source":{"run":"RUN"}}""".Replace("RUN", run.Id, StringComparison.Ordinal),
            Compact(await TextAsync($"{folder}model.json")));
        string summary = Compact(await TextAsync($"{folder}run.json"));
        Assert.Contains("\"params\":{\"depth\":\"3\"},\"metrics\":{\"auc\":0.8},\"tags\":{\"a\":\"b\"", summary, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("MLmodel", "model.json", "run.json")]
    [InlineData("conda.yaml")]
    public async Task Store_Version_IsDroppedWithTheSameFiles(params string[] companions)
    {
        Run run = await _kit.RunAsync();
        Dictionary<string, string> files = new()
        {
            ["MLmodel"] = $"run_id: {run.Id}\nflavors: {{onnx: {{data: model.onnx}}}}", ["model.json"] = """{"description": "late"}""",
            ["run.json"] = $$$"""{"runId": "{{{run.Id}}}", "metrics": {"auc": 0.7}}""", ["conda.yaml"] = "c",
        };
        foreach (string companion in companions)
        {
            await _kit.Registry.DropAsync($"flights/op/{companion}", files[companion]);
        }

        await _kit.Registry.RegisterAsync("op", "m");
        VersionSource source = await _kit.Sources.ReadAsync("models:/flights/1", run.Id, Host, TrackingKit.Ann, Cancellation);
        IntakePlan plan = await _kit.Intake.PlanAsync(source, TrackingKit.Ann, Cancellation);
        RegisterInput drop = await _kit.Intake.StoreAsync(ModelName.Parse("flights"), source, plan, TrackingKit.Ann, Cancellation);

        string folder = drop.Path[..(drop.Path.LastIndexOf('/') + 1)];
        List<string> copied = await _kit.Registry.BlobsAsync(BlobContainers.Drop, folder);
        Assert.Equal([.. companions, "model.onnx"], copied.Select(blob => blob[folder.Length..]).OrderBy(name => name == "model.onnx")
            .ThenBy(name => name, StringComparer.Ordinal));
        foreach (string companion in companions)
        {
            Assert.Equal(files[companion], await TextAsync($"{folder}{companion}"));
        }
    }

    [Fact]
    public async Task Summary_MetricOfRunAndModel_IsTheLastOfTheRun()
    {
        Run run = await _kit.RunAsync();
        LoggedModel model = await _kit.LoggedAsync(run.Id);

        RunSummary summary = RunSummary.Of(
            run with { Metrics = run.Metrics.Add("loss", new MetricPoint("loss", 0.2, 5, 5)) },
            model with
            {
                Metrics = model.Metrics.Add("loss", new MetricPoint("loss", 1, 1, 1)).Add("auc", new MetricPoint("auc", 0.8, 1, 1)),
            })!;

        Assert.Equal([new("auc", 0.8), new("loss", 0.2)], summary.Metrics.OrderBy(metric => metric.Key));
    }

    [Fact]
    public async Task Plan_ChangedContent_HasAnotherName()
    {
        VersionSource source = await UploadAsync(run: null);
        IntakePlan first = await _kit.Intake.PlanAsync(source, TrackingKit.Ann, Cancellation);
        IntakePlan again = await _kit.Intake.PlanAsync(source, TrackingKit.Ann, Cancellation);
        await _kit.PutAsync(source.Folder, "model.onnx", "other");

        Assert.Equal(first.Content, again.Content);
        Assert.NotEqual(first.Content, (await _kit.Intake.PlanAsync(source, TrackingKit.Ann, Cancellation)).Content);
    }

    [Theory]
    [InlineData(null, "flavors: {onnx: {data: model.onnx}}", "the upload is not complete")]
    [InlineData("x", null, "There is no file MLmodel")]
    [InlineData("x", "flavors: {sklearn: {}}", "no flavor 'onnx'")]
    public async Task Plan_NotAModel_IsRefused(string? model, string? mlModel, string reason)
    {
        LoggedModel logged = await _kit.LoggedAsync();
        var folder = ArtifactPath.OfLoggedModel("0", logged.Id);
        foreach ((string file, string? content) in ((string, string?)[])[("model.onnx", model), ("MLmodel", mlModel)])
        {
            if (content is not null)
            {
                await _kit.PutAsync(folder, file, content);
            }
        }

        var exception = await Assert.ThrowsAsync<ServiceException>(
            () => _kit.Intake.PlanAsync(new VersionSource(folder, logged, null), TrackingKit.Ann, Cancellation));

        Assert.Equal(ErrorCode.InvalidRequest, exception.Code);
        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
    }

    private async Task<VersionSource> UploadAsync(Run? run)
    {
        LoggedModel model = await _kit.LoggedAsync(run?.Id);
        var folder = ArtifactPath.OfLoggedModel("0", model.Id);
        foreach ((string file, string content) in ((string, string)[])[
            ("MLmodel", "flavors: {onnx: {data: model.onnx}}"), ("model.onnx", "m"), ("model.onnx.data", "d"), ("conda.yaml", "c"),
            ("model.json", """{"description": "late"}"""), ("rejected.json", "ours"), ("code/a.py", "x"), ("other.onnx", "y")])
        {
            await _kit.PutAsync(folder, file, content);
        }

        return new VersionSource(folder, model, run);
    }

    private Task<VersionSource> ReadAsync(string source) => _kit.Sources.ReadAsync(source, null, Host, TrackingKit.Ann, Cancellation);

    private async Task<string> TextAsync(string blob) =>
        (await _kit.Account.Container(BlobContainers.Drop).GetBlobClient(blob).DownloadContentAsync(Cancellation)).Value.Content.ToString();

    private static string Compact(string json) =>
        System.Text.Json.JsonSerializer.Serialize(System.Text.Json.JsonDocument.Parse(json).RootElement);
}
