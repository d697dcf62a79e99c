using Modeldrop.Lifecycle.Registration;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Tests.Registry;

namespace Modeldrop.Tests.Lifecycle.Registration;

public sealed class LateFilesTests
{
    private static readonly VersionFile[] Taken = [new("model.onnx", 1, "m"), new("model.onnx.data", 1, "d"), new("reference.csv", 1, "r")];

    public static TheoryData<VersionFile[], LateFileAction, string[]> Folders => new()
    {
        { Taken, LateFileAction.Nothing, [] },
        { [.. Taken[..2]], LateFileAction.Nothing, [] },
        { [.. Taken, new("validation.csv", 1, "v"), new("model.json", 1, "j")], LateFileAction.Revalidate, ["model.json", "validation.csv"] },
        { [.. Taken[..2], new("reference.csv", 1, "other")], LateFileAction.Revalidate, ["reference.csv"] },
        { [Taken[0], new("model.onnx.data", 1, "other"), Taken[2], new("validation.csv", 1, "v")], LateFileAction.Register, ["model.onnx.data", "validation.csv"] },
        { [new("model.onnx", 1, "other"), .. Taken[1..]], LateFileAction.Register, ["model.onnx"] },
    };

    [Theory]
    [MemberData(nameof(Folders))]
    public void Decide_FolderChangedAfterTheDropWasTaken_IsNeverIgnored(VersionFile[] files, LateFileAction action, string[] changed)
    {
        StagedDrop taken = Drop(Taken);
        VersionRegistration registration = RegistryKit.Registration(taken);
        var version = new ModelVersion
        {
            Model = ModelName.Parse("flights"),
            Number = 1,
            Digest = taken.Digest,
            ModelSha256 = "m",
            Files = taken.Files,
            Inspection = registration.Inspection with { ExternalFiles = ["model.onnx.data"] },
            Manifest = registration.Manifest,
            DroppedAt = taken.StagedAt,
            RegisteredAt = taken.StagedAt,
            Operation = taken.Operation,
        };

        LateFileDecision decision = LateFiles.Decide(Drop(files), version);

        Assert.Equal(action, decision.Action);
        Assert.Equal(changed, decision.Files);
    }

    [Theory]
    [InlineData(true, true, true, LateFailureAction.Nothing)]
    [InlineData(true, false, false, LateFailureAction.Nothing)]
    [InlineData(false, true, true, LateFailureAction.RollBack)]
    [InlineData(false, true, false, LateFailureAction.MarkFailed)]
    [InlineData(false, false, true, LateFailureAction.MarkFailed)]
    [InlineData(false, false, false, LateFailureAction.MarkFailed)]
    public void AfterValidation_Champion_DeterminesTheServingVersion(
        bool isValid, bool isChampion, bool hasPredecessor, LateFailureAction expected) =>
        Assert.Equal(expected, LateFiles.AfterValidation(isValid, isChampion, hasPredecessor));

    private static StagedDrop Drop(VersionFile[] files) => new()
    {
        Operation = Ids.Operation("op"),
        Folder = "op/1",
        DroppedAs = "flights/model.onnx",
        ETag = "e",
        Model = ModelName.Parse("flights"),
        Digest = StagedDrop.DigestOf(files),
        Files = files,
        DroppedAt = DateTimeOffset.UnixEpoch,
        StagedAt = DateTimeOffset.UnixEpoch,
    };
}
