using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Modeldrop.Drops;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Lifecycle.Registration;
using Modeldrop.Lifecycle.Validation;
using Modeldrop.Monitoring.Alerts;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Signing;
using Modeldrop.Tests.Probe;
using Modeldrop.Tests.Signing;

namespace Modeldrop.Tests.Lifecycle.Registration;

/// <summary>Companions that arrive after their drop has become a version, on a fresh account, with the real child process.</summary>
public sealed class LateCompanionsTests(AzuriteFixture azurite) : IDisposable
{
    private const string Strict = """{ "label": "species", "validation": { "metrics": { "accuracy": { "min": 0.9999 } } } }""";

    private static readonly ModelName Penguins = ModelName.Parse("penguins");

    private readonly LifecycleKit _kit = new(azurite);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _kit.Dispose();

    [Fact]
    public async Task Complete_LateFiles_AreAddedAndTheRegisteredFilesStay()
    {
        await RegisterChampionAsync("penguins/1");

        RegisterVersionResult completed = await CompleteAsync(
            "op-2", ("validation.csv", "penguins/validation.csv"), ("model.json", Encoding.UTF8.GetBytes(Strict)));

        Assert.Equal(new RegisterVersionResult(1, Existing: false, VersionStatus.Champion, Completed: true), completed);
        ModelVersion registered = await _kit.Registry.Versions.GetRegisteredAsync(new VersionName(Penguins, 1), Token);
        Assert.Equal(["model.onnx"], registered.Files.Select(file => file.Path));
        ModelVersion record = await _kit.Registry.Versions.GetAsync(new VersionName(Penguins, 1), Token);
        Assert.Equal(["model.onnx", "model.json", "validation.csv"], record.Files.Select(file => file.Path));
        Assert.Equal((0.9999, Ids.Operation("op-2"), registered.Digest),
            (record.Manifest.Validation.Metrics["accuracy"].Min, record.CompletedBy, record.Digest));
        using var text = new StreamReader(await _kit.Registry.Versions.OpenAsync(new VersionName(Penguins, 1), "model.json", Token));
        Assert.Equal(Strict, await text.ReadToEndAsync(Token));
        Assert.Equal(record.Files, (await _kit.Registry.Versions.GetAsync(Penguins, await EntryAsync(), Token)).Files);
    }

    [Fact]
    public async Task Complete_Repeated_ChangesNothing()
    {
        await RegisterChampionAsync("penguins/1");
        RegisterVersionResult first = await CompleteAsync("op-2", ("validation.csv", "penguins/validation.csv"));

        RegisterVersionResult second = await RegisterAsync("op-2");

        Assert.Equal(first, second);
        Assert.Equal(1, (await EntryAsync()).Late);
    }

    [Fact]
    public async Task Complete_FilesThatTheVersionAlreadyHas_ChangeNothing()
    {
        await RegisterChampionAsync("penguins/1");
        await CompleteAsync("op-2", ("validation.csv", "penguins/validation.csv"));

        Assert.Equal(new RegisterVersionResult(1, Existing: true, VersionStatus.Champion),
            await CompleteAsync("op-3", ("validation.csv", "penguins/validation.csv")));
        Assert.Equal(1, (await EntryAsync()).Late);
    }

    [Fact]
    public async Task Complete_ALateSignature_IsInTheRecordAndTheReport_AndANewerOneReplacesIt()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _kit.Signing.TrustedKeys = key.ExportSubjectPublicKeyInfoPem();
        await RegisterChampionAsync("penguins/1");
        byte[] model = await File.ReadAllBytesAsync(SampleFiles.PathOf("penguins/1/model.onnx"), Token);

        await CompleteAsync("op-2", ("model.sig", await SignAsync(key, ("model.onnx", model))));

        SignatureFinding finding = Assert.Single((await RecordAsync()).Signatures!);
        Assert.Equal(
            ("model.sig", SignatureVerdict.Trusted, "key", SignatureKit.HintOf(key)),
            (finding.File, finding.Verdict, finding.Mode, finding.Identity));
        Assert.Null((await _kit.Registry.Versions.GetRegisteredAsync(new VersionName(Penguins, 1), Token)).Signatures);
        await _kit.ValidateAsync(new VersionInput(Ids.Operation("op-2"), Penguins, 1, "ann", Again: true));
        ValidationReport report = (await new ValidationReports(_kit.Registry.Versions).FindAsync(new VersionName(Penguins, 1), Token))!;
        Assert.Equal(CheckVerdict.Passed, report.Checks.Single(check => check.Name == "signed.model.sig").Verdict);

        byte[] card = "about"u8.ToArray();
        await CompleteAsync("op-3", ("card.md", card), ("model.sig", await SignAsync(key, ("model.onnx", model), ("card.md", card))));

        Assert.Equal(finding, Assert.Single((await RecordAsync()).Signatures!));
    }

    [Fact]
    public async Task Complete_LaterFile_ReplacesThePreviousOneAndKeepsTheOthers()
    {
        await RegisterChampionAsync("penguins/1");
        await CompleteAsync("op-2", ("validation.csv", "penguins/validation.csv"), ("card.md", "first"u8.ToArray()));

        await CompleteAsync("op-3", ("card.md", "second"u8.ToArray()));

        ModelVersion record = await _kit.Registry.Versions.GetAsync(Penguins, await EntryAsync(), Token);
        Assert.Equal(["model.onnx", "card.md", "validation.csv"], record.Files.Select(file => file.Path));
        using var text = new StreamReader(await _kit.Registry.Versions.OpenAsync(new VersionName(Penguins, 1), "card.md", Token));
        Assert.Equal("second", await text.ReadToEndAsync(Token));
    }

    [Fact]
    public async Task Complete_LateReference_BecomesTheDataSetAndTheBaseline()
    {
        await RegisterChampionAsync("penguins/1");
        await CompleteAsync("op-2", ("reference.csv", "penguins/reference.csv"));

        Assert.Empty((await _kit.ValidateAsync(new VersionInput(Ids.Operation("op-2"), Penguins, 1, "ann", Again: true))).Unprofiled);

        ModelVersion record = await _kit.Registry.Versions.GetAsync(new VersionName(Penguins, 1), Token);
        DatasetVersion dataset = (await _kit.Registry.Datasets.FindAsync(DatasetName.Parse("penguins-reference"), 1, Token))!;
        Assert.Equal(new DatasetReference("penguins-reference", 1, dataset.Digest), record.Dataset);
        Assert.Equal($"penguins/1/late/{dataset.Digest}/reference.csv", Assert.Single(dataset.Uses).Path);
        Assert.NotNull(await _kit.Profiles.FindAsync(new VersionName(Penguins, 1), Token));
        ValidationChecks again = await _kit.ValidateAsync(new VersionInput(Ids.Operation("op-3"), Penguins, 1, "ann", Again: true));
        Assert.Contains("the baseline stays", Assert.Single(again.Unprofiled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Validate_LateGateThatTheChampionFails_MarksItAndAlerts()
    {
        await RegisterChampionAsync("penguins/1");
        await CompleteAsync("op-2", ("validation.csv", "penguins/validation.csv"), ("model.json", Encoding.UTF8.GetBytes(Strict)));

        var version = new VersionInput(Ids.Operation("op-2"), Penguins, 1, "ann", Again: true);
        IReadOnlyList<string> reasons = (await _kit.ValidateAsync(version)).Reasons;
        LateConclusion conclusion = await _kit.Late.ConcludeAsync(new ConcludeLateInput(version, reasons), Token);

        Assert.Contains("accuracy", Assert.Single(reasons), StringComparison.Ordinal);
        Assert.Null(conclusion.RollBackTo);
        Assert.Contains("stays champion", conclusion.Explanation, StringComparison.Ordinal);
        Assert.Equal((VersionStatus.Champion, true), ((await EntryAsync()).Status, (await EntryAsync()).Failed));
        Alert alert = Assert.Single((await _kit.Alerts.ListAsync(new AlertQuery(10, Penguins), Token)).Alerts);
        Assert.Equal((AlertKind.Validation, false, 1), (alert.Kind, alert.Resolved, alert.Version));
    }

    [Fact]
    public async Task Conclude_FilesThatItPassesWith_RemoveTheMark()
    {
        await RegisterChampionAsync("penguins/1");
        await _kit.Late.ConcludeAsync(
            new ConcludeLateInput(new VersionInput(Ids.Operation("op-2"), Penguins, 1, "ann", Again: true), ["wrong"]), Token);

        await _kit.Late.ConcludeAsync(
            new ConcludeLateInput(new VersionInput(Ids.Operation("op-3"), Penguins, 1, "ann", Again: true), []), Token);

        Assert.False((await EntryAsync()).Failed);
        AlertPage alerts = await _kit.Alerts.ListAsync(new AlertQuery(10, Penguins), Token);
        Assert.Equal([false, true], alerts.Alerts.Select(alert => alert.Resolved).Order());
    }

    [Fact]
    public async Task Conclude_ChampionWithAPreviousOne_NamesTheSuccessor()
    {
        await RegisterChampionAsync("penguins/1");
        await RegisterChampionAsync("penguins/2", "op-2", version: 2);

        LateConclusion conclusion = await _kit.Late.ConcludeAsync(
            new ConcludeLateInput(new VersionInput(Ids.Operation("op-3"), Penguins, 2, "ann", Again: true), ["wrong"]), Token);

        Assert.Equal(new LateConclusion(1, "Version 1 takes over."), conclusion);
    }

    [Fact]
    public async Task Promote_VersionThatFailed_IsRefused()
    {
        await RegisterChampionAsync("penguins/1");
        await RegisterChampionAsync("penguins/2", "op-2", version: 2);
        await _kit.Late.ConcludeAsync(
            new ConcludeLateInput(new VersionInput(Ids.Operation("op-3"), Penguins, 1, "ann", Again: true), ["wrong"]), Token);

        Modeldrop.Errors.ServiceException refused = await Assert.ThrowsAsync<Modeldrop.Errors.ServiceException>(
            () => _kit.Registry.Service.RollBackAsync(Penguins, 1, Actor.System, Token));

        Assert.Contains("failed its validation with the files that came late", refused.Message, StringComparison.Ordinal);
    }

    private static Task<byte[]> SignAsync(ECDsa key, params (string Name, byte[] Content)[] files) =>
        new ModelSigner(Options.Create(new SigningOptions { Key = key.ExportPkcs8PrivateKeyPem() })).SignAsync(
            "penguins", files.Select(file => new SignedFile(file.Name, Convert.ToHexStringLower(SHA256.HashData(file.Content)))), [],
            Token);

    private async Task<ModelVersion> RecordAsync() => await _kit.Registry.Versions.GetAsync(Penguins, await EntryAsync(), Token);

    private async Task<VersionEntry> EntryAsync() => (await _kit.Registry.Service.GetAsync(Penguins, Token)).FindVersion(1)!;

    private async Task RegisterChampionAsync(string sample, string operation = "op-1", int version = 1)
    {
        DropInput drop = await _kit.DropAsync(operation, $"penguins/{version}", ("model.onnx", $"{sample}/model.onnx"));
        Assert.Equal(version, (await _kit.RegisterAsync(drop)).Version);
        Assert.Empty((await _kit.ValidateAsync(new VersionInput(Ids.Operation(operation), Penguins, version, "ann"))).Reasons);
        await _kit.Registry.Service.MoveAliasAsync(Penguins, AliasName.Champion, version, expectedFrom: null, Actor.System, Token);
        await _kit.Registration.FinishAsync(Ids.Operation(operation), Token);
    }

    private async Task<RegisterVersionResult> CompleteAsync(string operation, params (string Name, object Content)[] files)
    {
        await _kit.DropAsync(operation, "penguins/1", files);
        return await RegisterAsync(operation);
    }

    private async Task<RegisterVersionResult> RegisterAsync(string operation)
    {
        (DropPath path, string etag) = Assert.Single((await _kit.Registry.Staging.FindBesideAsync("penguins/1/late", Token)).Models);
        var late = new RegisterInput(path.BlobName, etag, "ann", Late: new LateFile("late", "e"));
        return await _kit.RegisterAsync(new DropInput(Ids.Operation(operation), late));
    }
}
