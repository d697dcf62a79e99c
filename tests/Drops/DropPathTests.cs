using Modeldrop.Drops;
using Modeldrop.Names;

namespace Modeldrop.Tests.Drops;

public sealed class DropPathTests
{
    [Theory]
    [InlineData("flights/model.onnx", "flights", null, "flights/rejected.json")]
    [InlineData("flights/2/model.onnx", "flights", "2", "flights/2/rejected.json")]
    [InlineData("flights/a/b c/ROC.OnnX", "flights", "a/b c", "flights/a/b c/rejected.json")]
    [InlineData("A.b-c_1/x.onnx", "A.b-c_1", null, "A.b-c_1/rejected.json")]
    public void Find_LegalPath_IsSplitIntoItsParts(string blob, string model, string? label, string rejection)
    {
        DropPath path = DropPath.Find(blob)!;

        Assert.Empty(path.Violations);
        Assert.Equal((model, model, label, rejection), (path.Model!.Value.Value, path.LogName.Value, path.Label, path.RejectionBlob));
    }

    [Theory]
    [InlineData("model.onnx", "not in a folder", "rejected.json")]
    [InlineData("bad name!/model.onnx", "not a model name", "bad name!/rejected.json")]
    [InlineData("-x/model.onnx", "not a model name", "-x/rejected.json")]
    [InlineData("/model.onnx", "not a model name", "/rejected.json")]
    [InlineData("flights//model.onnx", "not a usable folder", "flights//rejected.json")]
    [InlineData("flights/../model.onnx", "not a usable folder", "flights/../rejected.json")]
    [InlineData(@"flights/a\b/model.onnx", "not a usable folder", @"flights/a\b/rejected.json")]
    public void Find_IllegalPath_HasAReasonAndARejectionPath(string blob, string part, string rejection)
    {
        DropPath path = DropPath.Find(blob)!;

        Assert.Contains(part, Assert.Single(path.Violations), StringComparison.Ordinal);
        Assert.Equal(rejection, path.RejectionBlob);
    }

    [Fact]
    public void Find_SeveralErrors_NamesAll() => Assert.Equal(2, DropPath.Find("bad name!/../model.onnx")!.Violations.Count);

    [Fact]
    public void LogName_NotAModelName_IsTheSharedName() => Assert.Equal(ModelName.Unnamed, DropPath.Find("bad name!/model.onnx")!.LogName);

    [Theory]
    [InlineData("flights/model.json")]
    [InlineData("flights/onnx")]
    [InlineData("flights/model.onnx.data")]
    [InlineData("")]
    public void Find_NotAModelFile_IsNull(string blob) => Assert.Null(DropPath.Find(blob));

    [Theory]
    [InlineData("flights/model.json", true)]
    [InlineData("flights/reference.csv", true)]
    [InlineData("flights/model.onnx.data", true)]
    [InlineData("flights/model.onnx", false)]
    [InlineData("flights/other.ONNX", false)]
    [InlineData("flights/rejected.json", false)]
    [InlineData("flights/Version.json", false)]
    [InlineData("flights/report.json", false)]
    [InlineData("flights/calibration.json", false)]
    [InlineData("flights/_READY", false)]
    [InlineData("flights/2/card.md", false)]
    [InlineData("flights2/card.md", false)]
    [InlineData("flights/", false)]
    public void IsCompanion_Blob_DependsOnFolderAndName(string blob, bool expected) =>
        Assert.Equal(expected, DropPath.Find("flights/model.onnx")!.IsCompanion(blob));
}
