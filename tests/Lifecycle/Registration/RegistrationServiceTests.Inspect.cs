using Modeldrop.Errors;
using Modeldrop.Lifecycle.Registration;
using Modeldrop.Manifests;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Tests.Lifecycle.Registration;

/// <summary>Drops that are refused before they become versions.</summary>
public sealed partial class RegistrationServiceTests
{
    [Fact]
    public async Task Inspect_SeveralErrors_ReportsAllAtOnceAndLeavesNoInspection()
    {
        DropInput drop = await _kit.DropAsync("op-1", "penguins",
            ("model.onnx", "no model"u8.ToArray()), ("model.json", """{"task": "guessing"}"""u8.ToArray()),
            ("reference.csv", "a,b\n1\n"u8.ToArray()));

        IReadOnlyList<string> reasons = await _kit.InspectAsync(drop);

        Assert.Equal(3, reasons.Count);
        Assert.Contains("is text", reasons[0], StringComparison.Ordinal);
        Assert.Contains("'reference.csv', line 2", reasons[1], StringComparison.Ordinal);
        Assert.StartsWith("model.json: ", reasons[2], StringComparison.Ordinal);
        Assert.Contains("task", reasons[2], StringComparison.Ordinal);
        ServiceException exception = await Assert.ThrowsAsync<ServiceException>(
            () => _kit.Registration.RegisterVersionAsync(drop, mustBeWhole: false, Token));
        Assert.Equal(ErrorCode.FileNotFound, exception.Code);
        Assert.Empty(_kit.LeftBehind);
    }

    [Fact]
    public async Task Inspect_ListedCompanionMissing_IsRefused()
    {
        DropInput drop = await _kit.DropAsync("op-1", "penguins", ("model.onnx", "penguins/1/model.onnx"),
            ("model.json", """{"companions": ["model.json", "validation.csv", "card.md"]}"""u8.ToArray()),
            ("card.md", "A card."u8.ToArray()));

        Assert.Equal(["model.json: 'validation.csv' is listed in 'companions' but is missing."], await _kit.InspectAsync(drop));
    }

    [Fact]
    public async Task Inspect_DropForAnArchivedModel_IsRefusedUntilItIsRestored()
    {
        await _kit.RegisterAsync(await DropPenguinsAsync("op-1"));
        await _kit.Registry.Service.ArchiveAsync(Penguins, true, Actor.System, Token);
        DropInput drop = await _kit.DropAsync("op-2", "penguins/next", ("model.onnx", "penguins/2/model.onnx"));

        Assert.Equal(
            ["""Model 'penguins' is archived; restore it first: PATCH /api/models/penguins with {"archived": false}."""],
            await _kit.InspectAsync(drop));

        await _kit.Registry.Service.ArchiveAsync(Penguins, false, Actor.System, Token);
        Assert.Equal(2, (await _kit.RegisterAsync(drop)).Version);
    }

    [Fact]
    public async Task Inspect_NameThatDiffersOnlyInCase_IsRefusedWithTheExistingName()
    {
        const string Conflict =
            "There is a model 'penguins', whose name differs from 'Penguins' only in case. Use that name, or a different one.";
        await _kit.RegisterAsync(await DropPenguinsAsync("op-1"));
        DropInput drop = await _kit.DropAsync("op-2", "Penguins", ("model.onnx", "penguins/2/model.onnx"));

        Assert.Equal([Conflict], await _kit.InspectAsync(drop));
        ServiceException exception = await Assert.ThrowsAsync<ServiceException>(
            () => _kit.Registry.Service.DescribeAsync(ModelName.Parse("Penguins"), "Birds.", null, Actor.System, Token));
        Assert.Equal((ErrorCode.InvalidRequest, Conflict), (exception.Code, exception.Message));
    }

    /// <summary>
    /// Both drops pass their inspection, as neither is a model yet. One gets the name; the other gets a reason, not an error.
    /// </summary>
    [Fact]
    public async Task Register_FirstDropsWithNamesThatDifferOnlyInCase_OneGetsTheName()
    {
        DropInput first = await _kit.DropAsync("op-1", "penguins", ("model.onnx", "penguins/1/model.onnx"));
        DropInput second = await _kit.DropAsync("op-2", "Penguins", ("model.onnx", "penguins/2/model.onnx"));
        Assert.Empty(await _kit.InspectAsync(first));
        Assert.Empty(await _kit.InspectAsync(second));

        RegisterVersionResult[] registered = await Task.WhenAll(
            _kit.Registration.RegisterVersionAsync(first, mustBeWhole: true, Token),
            _kit.Registration.RegisterVersionAsync(second, mustBeWhole: true, Token));

        RegisterVersionResult refused = Assert.Single(registered, one => one.Version == 0);
        Assert.EndsWith("only in case. Use that name, or a different one.", refused.Refusal, StringComparison.Ordinal);
        Assert.Equal(1, Assert.Single(registered, one => one.Refusal is null).Version);
        Assert.Single(await _kit.Registry.Store.ListHeadsAsync(Token));
    }

    [Fact]
    public async Task Register_ModelArchivedAfterTheInspection_IsRefused()
    {
        await _kit.RegisterAsync(await DropPenguinsAsync("op-1"));
        DropInput drop = await _kit.DropAsync("op-2", "penguins/next", ("model.onnx", "penguins/2/model.onnx"));
        Assert.Empty(await _kit.InspectAsync(drop));
        await _kit.Registry.Service.ArchiveAsync(Penguins, true, Actor.System, Token);

        RegisterVersionResult refused = await _kit.Registration.RegisterVersionAsync(drop, mustBeWhole: true, Token);

        Assert.StartsWith("Model 'penguins' is archived;", refused.Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspect_DataSetMissingOrUnlikeTheFileBesideTheModel_IsRefused()
    {
        const string Manifest = """{"label": "species", "dataset": {"name": "january", "version": 1}}""";
        DropInput drop = await DropPenguinsAsync("op-1", manifest: Manifest);
        string missing = Assert.Single(await _kit.InspectAsync(drop));
        await _kit.Registry.Datasets.RegisterAsync(new DatasetRegistration(DatasetName.Parse("january"), "00ff", 3, ["x"], 9), Token);
        string other = Assert.Single(await _kit.InspectAsync(drop));

        Assert.StartsWith(
            "model.json: data set 'january' has no version 1; register it first (POST /api/datasets/january)", missing,
            StringComparison.Ordinal);
        Assert.StartsWith(
            "reference.csv: it is not version 1 of data set 'january', as model.json says; its SHA-256 is ", other,
            StringComparison.Ordinal);
        Assert.EndsWith(", not 00ff.", other, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspect_HugeManifest_IsRefusedUnread()
    {
        DropInput drop = await _kit.DropAsync(
            "op-1", "penguins", ("model.onnx", "penguins/1/model.onnx"), ("model.json", new byte[ManifestReader.MaxBytes + 1]));

        Assert.Equal(["model.json: it has 1,048,577 bytes; at most 1,048,576 are accepted."], await _kit.InspectAsync(drop));
    }
}
