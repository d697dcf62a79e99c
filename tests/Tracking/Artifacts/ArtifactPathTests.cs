using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Tracking.Artifacts;

namespace Modeldrop.Tests.Tracking.Artifacts;

public sealed class ArtifactPathTests
{
    private const string Run = "0123456789abcdef0123456789abcdef";

    [Fact]
    public void Parse_PathOfARun_GivesTheRun()
    {
        var path = ArtifactPath.Parse($"12/{Run}/artifacts/sub dir/a.txt");

        Assert.Equal(("12", Run, "sub dir/a.txt"), (path.Experiment, path.Run, path.Inside));
        Assert.Equal($"mlflow-artifacts:/12/{Run}/artifacts/sub dir/a.txt", path.Uri);
        Assert.Equal($"12/{Run}/artifacts", path.Root);
    }

    [Fact]
    public void Parse_PathOfALoggedModel_GivesTheModel()
    {
        var path = ArtifactPath.Parse($"0/models/m-{Run}/artifacts");

        Assert.Equal(($"m-{Run}", "", null), (path.LoggedModel, path.Inside, path.Run));
        Assert.Equal($"0/models/m-{Run}/artifacts/MLmodel", path.At("MLmodel").FullPath);
    }

    [Fact]
    public void Parse_PathOfAVersion_GivesTheVersion() =>
        Assert.Equal(new VersionName(ModelName.Parse("flights"), 3), ArtifactPath.Parse("models/flights/3/model.onnx").Version);

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData($"0/{Run}")]
    [InlineData($"0/{Run}/other/a")]
    [InlineData($"0/{Run}/artifacts/../../secret")]
    [InlineData($"0/{Run}/artifacts//a")]
    [InlineData($"0/{Run}/artifacts/a\\b")]
    [InlineData($"0/{Run}/artifacts/C:")]
    [InlineData($"0/{Run}/artifacts/a\u0000b")]
    [InlineData($"/0/{Run}/artifacts/a")]
    [InlineData($"x/{Run}/artifacts/a")]
    [InlineData("0/models/m-1/artifacts/a")]
    [InlineData("models/flights/champion/model.onnx")]
    [InlineData("models/../3/model.onnx")]
    public void Parse_NotAPath_IsRefused(string path) =>
        Assert.Equal(ErrorCode.InvalidRequest, Assert.Throws<ServiceException>(() => ArtifactPath.Parse(path)).Code);

    [Theory]
    [InlineData("..")]
    [InlineData("a/../b")]
    [InlineData("a//b")]
    public void At_PathOutOfTheFolder_IsRefused(string inside) =>
        Assert.Throws<ServiceException>(() => ArtifactPath.Parse($"0/{Run}/artifacts").At(inside));
}
