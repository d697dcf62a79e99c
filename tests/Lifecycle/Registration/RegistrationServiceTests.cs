using System.Text;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime.Tensors;
using Modeldrop.Errors;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Lifecycle.Registration;
using Modeldrop.Lifecycle.Validation;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Storage;
using Modeldrop.Tests.Registry;
using Modeldrop.Tests.Scoring;

namespace Modeldrop.Tests.Lifecycle.Registration;

public sealed partial class RegistrationServiceTests(AzuriteFixture azurite) : IDisposable
{
    private static readonly ModelName Penguins = ModelName.Parse("penguins");
    private static readonly ModelName Look = ModelName.Parse("look");

    private readonly LifecycleKit _kit = new(azurite);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _kit.Dispose();

    private static VersionInput Version(string model, int version) => new(Ids.Operation("op-1"), ModelName.Parse(model), version, "ann");

    /// <summary>The later drop ends the rollout of the other, whichever was inspected first.</summary>
    [Fact]
    public async Task Supersedes_LaterDrop_EndsTheRolloutOfTheEarlierOne()
    {
        byte[] manifest = """{"promotion": {"duringRollout": "supersede"}}"""u8.ToArray();
        DropInput older = await _kit.DropAsync("op-1", "flights/1", ("model.onnx", "flights/1/model.onnx"), ("model.json", manifest));
        await Task.Delay(1_100, Token);
        DropInput newer = await _kit.DropAsync("op-2", "flights/2", ("model.onnx", "flights/2/model.onnx"), ("model.json", manifest));
        Assert.Empty(await _kit.InspectAsync(newer));
        Assert.Empty(await _kit.InspectAsync(older));

        Assert.True(await _kit.Registration.SupersedesAsync(Ids.Operation("op-2"), Ids.Operation("op-1"), Token));
        Assert.False(await _kit.Registration.SupersedesAsync(Ids.Operation("op-1"), Ids.Operation("op-2"), Token));
        Assert.True(await _kit.Registration.SupersedesAsync(Ids.Operation("op-1"), OperationId.Parse("flights~promote~1"), Token));
    }

    [Fact]
    public async Task Register_CompleteDrop_MakesAVersionWithDataSetProfileAndReport()
    {
        DropInput drop = await DropPenguinsAsync("op-1");

        RegisterVersionResult registered = await _kit.RegisterAsync(drop);
        var version = new VersionInput(drop.Operation, ModelName.Parse("penguins"), registered.Version, "ann");
        ValidationChecks validated = await _kit.ValidateAsync(version);
        await _kit.Registration.FinishAsync(drop.Operation, Token);

        Assert.Equal(new RegisterVersionResult(1, Existing: false, VersionStatus.Registered), registered);
        Assert.Empty(validated.Unprofiled);
        Assert.Empty(validated.Reasons);
        ModelVersion record = await _kit.Registry.Versions.GetAsync(new VersionName(Penguins, 1), Token);
        Assert.Equal(
            ["model.onnx", "examples.json", "model.json", "reference.csv", "validation.csv"], record.Files.Select(file => file.Path));
        Assert.Equal(new DatasetReference("penguins", 1, record.Files[3].Sha256), record.Dataset);
        DatasetVersion dataset = (await _kit.Registry.Datasets.FindAsync(DatasetName.Parse("penguins"), 1, Token))!;
        Assert.Equal((233, 7), (dataset.Rows, dataset.Columns.Count));
        Assert.Equal([new DatasetUse(ModelName.Parse("penguins"), 1, "penguins/1/reference.csv")], dataset.Uses);
        Assert.Equal(VersionStatus.Validated, (await _kit.Registry.Service.GetAsync(Penguins, Token)).FindVersion(1)!.Status);

        ReferenceProfile profile = (await new ReferenceProfiles(_kit.Registry.Versions).FindAsync(new VersionName(Penguins, 1), Token))!;
        Assert.Equal(233, profile.Rows);
        ValidationReport report = await ReportAsync(new VersionName(Penguins, 1));
        Assert.True(report.IsValid, report.Summary);
        Assert.DoesNotContain(report.Checks, check => check.Name == "profile");
        string page = Encoding.UTF8.GetString(
            (await _kit.Registry.Versions.FindDocumentAsync(new VersionName(Penguins, 1), VersionDocuments.ReportPage, Token))!);
        Assert.Contains("Validation of penguins, version 1", page, StringComparison.Ordinal);
        Assert.Empty(await _kit.Registry.BlobsAsync(BlobContainers.Staging));
        Assert.Empty(_kit.LeftBehind);
    }

    [Fact]
    public async Task Steps_Repeated_ChangeNothing()
    {
        DropInput drop = await DropPenguinsAsync("op-1");
        RegisterVersionResult first = await _kit.RegisterAsync(drop);
        var version = new VersionInput(drop.Operation, ModelName.Parse("penguins"), 1, "ann");
        await _kit.ValidateAsync(version);
        byte[] profile = (await _kit.Registry.Versions.FindDocumentAsync(new VersionName(Penguins, 1), VersionDocuments.Profile, Token))!;
        int events = (await _kit.Registry.EventsAsync("penguins")).Count;

        RegisterVersionResult second = await _kit.RegisterAsync(drop);
        await _kit.ValidateAsync(version);

        Assert.Equal(first with { Status = VersionStatus.Validated }, second);
        Assert.Equal(
            profile, await _kit.Registry.Versions.FindDocumentAsync(new VersionName(Penguins, 1), VersionDocuments.Profile, Token));
        Assert.Equal(events, (await _kit.Registry.EventsAsync("penguins")).Count);
    }

    [Fact]
    public async Task Register_SameBytesElsewhere_IsTheExistingVersionAndRemovesTheRejection()
    {
        await _kit.RegisterAsync(await DropPenguinsAsync("op-1"));
        DropInput again = await DropPenguinsAsync("op-2", "penguins/again");
        await _kit.Registration.RejectAsync(
            new FinishDropInput(Ids.Operation("op-2"), again.Drop, null, false, null, ["an earlier answer"]), Token);

        RegisterVersionResult registered = await _kit.RegisterAsync(again);

        await _kit.Registration.ClearRejectionAsync(again.Drop, Token);

        Assert.Equal(new RegisterVersionResult(1, Existing: true, VersionStatus.Registered), registered);
        Assert.Null(await _kit.FindRejectionAsync(again));
        Assert.Equal(1, (await _kit.Registry.Datasets.FindAsync(DatasetName.Parse("penguins"), 1, Token))!.Version);
    }

    [Fact]
    public async Task Register_ManifestWithARegisteredDataSet_IsLinkedInBothDirections()
    {
        DatasetReference january = await _kit.Registry.Datasets.RegisterAsync(
            new DatasetRegistration(DatasetName.Parse("january"), "00ff", 3, ["x"], 9), Token);
        DropInput drop = await _kit.DropAsync("op-1", "penguins",
            ("model.onnx", "penguins/1/model.onnx"), ("model.json", """{"dataset": {"name": "january", "version": 1}}"""u8.ToArray()));

        await _kit.RegisterAsync(drop);
        await _kit.RegisterAsync(drop);

        Assert.Equal(january, (await _kit.Registry.Versions.GetAsync(new VersionName(Penguins, 1), Token)).Dataset);
        DatasetVersion dataset = (await _kit.Registry.Datasets.FindAsync(DatasetName.Parse("january"), 1, Token))!;
        Assert.Equal([new DatasetUse(ModelName.Parse("penguins"), 1, null)], dataset.Uses);
    }

    [Fact]
    public async Task Reject_ReplacedDrop_WritesNothingBesideItsSuccessor()
    {
        DropInput old = await _kit.DropAsync("op-1", "penguins", ("model.onnx", "no model"u8.ToArray()));
        IReadOnlyList<string> reasons = await _kit.InspectAsync(old);
        DropInput next = await DropPenguinsAsync("op-2");
        await _kit.RegisterAsync(next);

        await _kit.Registration.RejectAsync(new FinishDropInput(Ids.Operation("op-1"), old.Drop, null, false, null, reasons), Token);

        Assert.Null(await _kit.FindRejectionAsync(next));
        Assert.Single(await _kit.Registry.EventsAsync("penguins"), one => one is DropRejected);
    }

    [Fact]
    public async Task Reject_RejectedBytesDroppedAgain_RepeatsTheReasons()
    {
        const string Strict = """{"label": "species", "validation": {"metrics": {"accuracy": {"min": 0.999}}}}""";
        DropInput drop = await DropPenguinsAsync("op-1", manifest: Strict);
        await _kit.RegisterAsync(drop);
        ValidationChecks validated = await _kit.ValidateAsync(Version("penguins", 1));
        await _kit.Registration.RejectAsync(
            new FinishDropInput(Ids.Operation("op-1"), drop.Drop, null, false, 1, validated.Reasons), Token);
        DropInput again = await DropPenguinsAsync("op-2", manifest: Strict);

        RegisterVersionResult registered = await _kit.RegisterAsync(again);
        Assert.NotNull(await _kit.FindRejectionAsync(again));
        await _kit.Registration.RejectAsync(
            new FinishDropInput(Ids.Operation("op-2"), again.Drop, null, false, 1, ["The same bytes are already version 1."]), Token);

        Assert.Equal(new RegisterVersionResult(1, Existing: true, VersionStatus.Rejected), registered);
        Assert.Equal(["The same bytes are already version 1.", .. validated.Reasons], (await _kit.FindRejectionAsync(again))!.Reasons);
        Assert.Contains("accuracy", validated.Reasons[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Validate_ReferenceThatTheModelCannotScore_IsReportedAndRefusesNothing()
    {
        // Looks up a row in a table of three: 5 is an integer as declared, but not a row.
        byte[] model = new OnnxBuilder().Input("i", TensorElementType.Int64, -1).Initializer("table", [1, 2, 3], 3)
            .Output("y", OnnxBuilder.TensorType(TensorElementType.Float, -1)).Node("Gather", ["table", "i"], ["y"]).Build();
        DropInput drop = await _kit.DropAsync("op-1", "look",
            ("model.onnx", model), ("reference.csv", "i\n1\n5\n"u8.ToArray()), ("validation.csv", "i,label\n1,2\n2,3\n"u8.ToArray()));
        await _kit.RegisterAsync(drop);

        ValidationChecks validated = await _kit.ValidateAsync(new VersionInput(Ids.Operation("op-1"), ModelName.Parse("look"), 1, "ann"));

        Assert.Contains("indices element out of data bounds", Assert.Single(validated.Unprofiled), StringComparison.Ordinal);
        Assert.Empty(validated.Reasons);
        ValidationReport report = await ReportAsync(new VersionName(Look, 1));
        Assert.Equal(CheckVerdict.Noted, report.Checks.Single(check => check.Name == "profile").Verdict);
        Assert.Null(await _kit.Profiles.FindAsync(new VersionName(Look, 1), Token));
        Assert.Empty(_kit.LeftBehind);
    }

    [Fact]
    public async Task Download_StoredFileChanged_IsRefused()
    {
        await _kit.RegisterAsync(await DropPenguinsAsync("op-1"));
        await _kit.Registry.Account.Container(BlobContainers.Models).GetBlobClient("penguins/1/model.onnx")
            .UploadAsync(new BinaryData("another model"), overwrite: true, Token);

        ServiceException validated = await Assert.ThrowsAsync<ServiceException>(
            () => _kit.Validation.RunAsync(new VersionInput(Ids.Operation("op-1"), ModelName.Parse("penguins"), 1, "ann"), Token));

        Assert.Equal(ErrorCode.ModelLoadFailed, validated.Code);
        Assert.StartsWith("'model.onnx' of version 1 of 'penguins' is damaged in the store", validated.Message, StringComparison.Ordinal);
        Assert.Empty(_kit.LeftBehind);
    }

    [Fact]
    public async Task Validate_AgainstAChampion_ComparesBothOnTheDataOfTheCandidate()
    {
        await _kit.RegisterAsync(await DropPenguinsAsync("op-1"));
        await _kit.ValidateAsync(Version("penguins", 1));
        await _kit.Registry.Service.MoveAliasAsync(Penguins, AliasName.Champion, 1, null, RegistryKit.By("op-1"), Token);
        DropInput next = await DropPenguinsAsync("op-2", "penguins/next", sample: "penguins/2");
        RegisterVersionResult registered = await _kit.RegisterAsync(next);

        ValidationChecks validated = await _kit.ValidateAsync(
            new VersionInput(Ids.Operation("op-2"), ModelName.Parse("penguins"), registered.Version, "ann"));

        Assert.Empty(validated.Reasons);
        ValidationReport report = await ReportAsync(new VersionName(Penguins, 2));
        Assert.Equal((1, 100), (report.Champion, report.ChampionMetrics!.Rows));
        Assert.Empty(_kit.LeftBehind);
    }

    private Task<DropInput> DropPenguinsAsync(
        string operation, string folder = "penguins", string? manifest = null, string sample = "penguins/1") =>
        _kit.DropAsync(operation, folder,
            ("model.onnx", $"{sample}/model.onnx"),
            ("model.json", manifest is null ? $"{sample}/model.json" : Encoding.UTF8.GetBytes(manifest)),
            ("examples.json", $"{sample}/examples.json"),
            ("reference.csv", "penguins/reference.csv"),
            ("validation.csv", "penguins/validation.csv"));

    private async Task<ValidationReport> ReportAsync(VersionName version) => JsonSerializer.Deserialize<ValidationReport>(
        (await _kit.Registry.Versions.FindDocumentAsync(version, VersionDocuments.Report, Token))!, StoredJson.Options)!;
}
