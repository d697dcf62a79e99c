using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Modeldrop.Lifecycle.Validation;
using Modeldrop.Manifests;
using Modeldrop.Names;
using Modeldrop.Probe;
using Modeldrop.Registry;
using Modeldrop.Tests.Probe;

namespace Modeldrop.Tests.Lifecycle.Validation;

/// <summary>Inputs without rows, with data files: a scalar, and an input whose number of dimensions the graph leaves open.</summary>
public sealed class RankTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ProbeService _probe = ProbeFixture.Service();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _probe.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("scalar.onnx", "x_0,x_1,t\n1,2,3\n4,5,3\n-1,0,3\n", "x_0 x_1 t y_0 y_1", null)]
    [InlineData("scalar.onnx", "x_0,x_1,t\n1,2,3\n4,5,3\n-1,0,4\n", "x_0 x_1", "Input 't' is a scalar, and its column has several values")]
    [InlineData("scalar.onnx", "x_0,x_1\n1,2\n4,5\n-1,0\n", "x_0 x_1", "Input 't' is a scalar, and the data have no column of its name")]
    [InlineData("noshape.onnx", "x_0,x_1\n1,2\n4,5\n-1,0\n", "x_0 x_1 y_0 y_1", null)]
    [InlineData("noshape.onnx", "x\n1\n4\n-1\n", "x y", null)]
    public async Task Reference_OfAScalarOrAnyRank_IsProfiledAsFarAsPossible(string model, string csv, string features, string? note)
    {
        File.Copy(Path.Combine(RepositoryFiles.Root, "tests", "Cases", model), Path.Combine(_folder.Path, "model.onnx"));
        _folder.Write("reference.csv", csv);

        InspectionOutcome outcome = await _probe.InspectDropAsync(_folder.Path, null, Token);
        var validator = new Validator(_probe, Options.Create(ProbeFixture.Options(options => options.LatencyRuns = 20)),
            new FakeTimeProvider());
        var version = new ModelVersion
        {
            Model = ModelName.Parse("ranks"), Number = 1, Digest = "", ModelSha256 = "", Files = [], Inspection = outcome.Inspection!,
                Manifest = new Manifest(),
            DroppedAt = DateTimeOffset.UnixEpoch, RegisteredAt = DateTimeOffset.UnixEpoch, Operation = Ids.Operation("test"),
        };
        Validated validated = await validator.ValidateAsync(new ValidationSubject(_folder.Path, version), champion: null, profiles: true,
            Token);

        Assert.Empty(outcome.Companions!.Violations);
        Assert.True(validated.Report.IsValid, validated.Report.Summary);
        Assert.Equal(features.Split(' '), validated.Baseline!.Profile.Features.Select(feature => feature.Feature.Name));
        Assert.Equal(3, validated.Baseline.Profile.Rows);
        string? said = validated.Report.Checks.SingleOrDefault(check => check.Name == "data")?.Explanation;
        Assert.True(note is null ? said is null : said!.Contains(note, StringComparison.Ordinal), said);
    }
}
