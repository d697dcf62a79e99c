using System.Text.Json;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Modeldrop.Lifecycle.Validation;
using Modeldrop.Manifests;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Names;
using Modeldrop.Pages;
using Modeldrop.Probe;
using Modeldrop.Registry;
using Modeldrop.Storage;
using Modeldrop.Tests.Probe;

namespace Modeldrop.Tests.Lifecycle.Validation;

public sealed class ValidatorTests : IDisposable
{
    private readonly TemporaryFolder _root = new();
    private readonly ProbeService _probe = ProbeFixture.Service();
    private readonly Validator _validator;

    public ValidatorTests() =>
        _validator = new Validator(_probe, Options.Create(ProbeFixture.Options()), new FakeTimeProvider(DateTimeOffset.UnixEpoch));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static Manifest Strict => new()
    {
        Label = "late",
        Validation = new ValidationPolicy
        {
            Metrics = new Dictionary<string, MetricBounds> { ["roc_auc"] = new(Min: 0.55, MaxDropFromChampion: 0.01) },
        },
    };

    public void Dispose()
    {
        _probe.Dispose();
        _root.Dispose();
    }

    [Fact]
    public async Task Validate_WorseThanChampion_IsRefusedWithBothFigures()
    {
        ValidationSubject champion = await SubjectAsync(2, "flights/2", Strict, "flights/validation.csv");
        ValidationSubject candidate = await SubjectAsync(3, "flights/bad", Strict, "flights/validation.csv");

        ValidationReport report = (await _validator.ValidateAsync(candidate, champion, profiles: false, Token)).Report;

        Assert.False(report.IsValid);
        Assert.Contains(report.Reasons(), reason =>
            reason.StartsWith(
                "roc_auc 0.4919 is 0.1410 below the champion's 0.6330 (version 2) on the same 8,000 rows (difference -0.1",
                StringComparison.Ordinal)
            && reason.EndsWith("at 95 % each); at most 0.01 is allowed.", StringComparison.Ordinal));
        Assert.Contains("roc_auc 0.4919 is below 0.5500, the least that is allowed.", report.Reasons());
        Assert.Equal(2, report.Champion);
        Assert.Equal(0.3951, report.ChampionMetrics!.Values["log_loss"], 1e-3);
        Assert.Equal(CheckVerdict.Passed, Check(report, "signature").Verdict);
    }

    [Fact]
    public async Task Validate_BetterThanChampion_IsValid()
    {
        ValidationSubject champion = await SubjectAsync(1, "flights/1", Strict, "flights/validation.csv");
        ValidationSubject candidate = await SubjectAsync(2, "flights/2", Strict, "flights/validation.csv");

        ValidationReport report = (await _validator.ValidateAsync(candidate, champion, profiles: false, Token)).Report;

        Assert.True(report.IsValid, report.Summary);
        Assert.Equal("Version 2 of 'sample' is valid: 10 checks passed.", report.Summary);
        Assert.Equal(CheckVerdict.Noted, Check(report, "latency_p95").Verdict);
        Assert.Equal(DateTimeOffset.UnixEpoch, report.At);
        Assert.NotNull(report.Environment);
    }

    [Fact]
    public async Task Validate_OnlyAModel_IsValid()
    {
        ValidationReport report = (await _validator.ValidateAsync(await SubjectAsync(1, "digits/1", new Manifest()), null, profiles: false,
            Token)).Report;

        Assert.True(report.IsValid, report.Summary);
        Assert.Null(report.Metrics);
        Assert.Equal(CheckVerdict.Skipped, Check(report, "golden_examples").Verdict);
    }

    [Fact]
    public async Task Validate_LatencyAndExamples_AreBounds()
    {
        var manifest = new Manifest { Validation = new ValidationPolicy { LatencyP95Ms = 0.000001 } };
        ValidationSubject candidate = await SubjectAsync(1, "penguins/1", manifest, "penguins/validation.csv");
        const string Request = """
            {"inputs": [{"name": "beak_length_mm", "datatype": "FP32", "shape": [1, 1], "data": [37.7]}, {"name": "beak_depth_mm", "datatype": "FP32", "shape": [1, 1], "data": [19.8]},
            {"name": "flipper_length_mm", "datatype": "FP32", "shape": [1, 1], "data": [198]}, {"name": "body_mass_g", "datatype": "FP32", "shape": [1, 1], "data": [3500]},
            {"name": "island", "datatype": "BYTES", "shape": [1, 1], "data": ["Torgersen"]}, {"name": "sex", "datatype": "BYTES", "shape": [1, 1], "data": ["MALE"]}]}
            """;
        await File.WriteAllTextAsync(Path.Combine(candidate.Folder, "examples.json"), $$$"""
            [{"request": {{{Request}}}, "response": {"outputs": [{"name": "label", "datatype": "BYTES", "shape": [1], "data": ["Adelie"]}]}},
             {"request": {{{Request}}}, "response": {"outputs": [{"name": "label", "datatype": "BYTES", "shape": [1], "data": ["Gentoo"]}]}}]
            """, Token);

        ValidationReport report = (await _validator.ValidateAsync(candidate, null, profiles: false, Token)).Report;

        Assert.Equal(
            ["golden_examples", "latency_p95"],
            report.Checks.Where(check => check.Verdict == CheckVerdict.Failed).Select(check => check.Name));
        Assert.Equal(["Example 1: output 'label': 1 of 1 values differ; element 0 is Adelie, expected Gentoo."], Check(report,
            "golden_examples").Details);
        // The label was found without the manifest, because species is the only column that is not an input.
        Assert.Equal(0.98, report.Metrics!.Values["accuracy"], 1e-9);
    }

    [Fact]
    public async Task Validate_BrokenDataAndBrokenModel_AreDistinguished()
    {
        ValidationSubject candidate = await SubjectAsync(1, "flights/1", Strict);
        await File.WriteAllTextAsync(Path.Combine(candidate.Folder, "validation.csv"), "hour,late\n1,0\n", Token);

        ValidationReport data = (await _validator.ValidateAsync(candidate, null, profiles: false, Token)).Report;
        await File.WriteAllTextAsync(Path.Combine(candidate.Folder, "model.onnx"), "no model", Token);
        ValidationReport model = (await _validator.ValidateAsync(candidate, null, profiles: false, Token)).Report;

        Assert.Contains("Input 'distance': column 'distance' is missing.", data.Reasons());
        Assert.Equal(CheckVerdict.Failed, Check(data, "data").Verdict);
        Assert.Equal("The model cannot be loaded.", Check(model, "load").Explanation);
        Assert.False(data.IsValid || model.IsValid);
    }

    [Theory]
    [InlineData(2, CheckVerdict.Noted)]
    [InlineData(1, CheckVerdict.Passed)]
    public async Task Validate_ReferenceWithTextsUnknownToTheEncoders_WarnsAboveOnePercent(int unknown, CheckVerdict verdict)
    {
        string[] texts = [.. Enumerable.Repeat("True", 100 - unknown), .. Enumerable.Repeat("true", unknown)];
        ValidationSubject candidate = await SubjectAsync(
            1, Path.Combine(RepositoryFiles.Root, "tests", "Cases", "colour.onnx"), new Manifest());
        await File.WriteAllLinesAsync(Path.Combine(candidate.Folder, "reference.csv"), ["s", .. texts], Token);

        ValidationReport report = (await _validator.ValidateAsync(candidate, null, profiles: false, Token)).Report;

        Assert.True(report.IsValid, report.Summary);
        ValidationCheck check = Check(report, "categories");
        Assert.Equal(verdict, check.Verdict);
        Assert.Equal(verdict == CheckVerdict.Noted ? ["Column 's': 2 of 100 values are unknown: 'true' (2)."] : null, check.Details);
    }

    [Fact]
    public async Task Validate_SampleWithEncodersAndItsReference_KnowsAllTexts()
    {
        ValidationSubject candidate = await SubjectAsync(
            1, "penguins/1", new Manifest(), "penguins/reference.csv", "penguins/validation.csv");

        Assert.Equal(CheckVerdict.Passed,
            Check((await _validator.ValidateAsync(candidate, null, profiles: false, Token)).Report, "categories").Verdict);
    }

    [Fact]
    public async Task Validate_WithReference_ProfilesItWithTheOutputsOfTheModel()
    {
        ValidationSubject alone = await SubjectAsync(1, "penguins/2", new Manifest(), "penguins/reference.csv");
        ValidationSubject beside = await SubjectAsync(2, "penguins/2", new Manifest(), "penguins/reference.csv", "penguins/validation.csv");

        ReferenceProfile one = (await _validator.ValidateAsync(alone, null, profiles: true, Token)).Baseline!.Profile;
        Validated two = await _validator.ValidateAsync(beside, null, profiles: true, Token);

        Assert.Equal((233, 6), (one.Rows, one.Features.Count(feature => !feature.Feature.IsOutput)));
        Assert.Equal(one.Seal().Document, two.Baseline!.Profile.Seal().Document);
        Assert.Empty(two.Unprofiled);
        Assert.Null((await _validator.ValidateAsync(beside, null, profiles: false, Token)).Baseline);
    }

    [Fact]
    public async Task Report_JsonAndHtml_AreReadableAndEncoded()
    {
        ValidationSubject candidate = await SubjectAsync(1, "penguins/1", new Manifest(), "penguins/validation.csv");

        ValidationReport report = (await _validator.ValidateAsync(candidate, null, profiles: false, Token)).Report;
        var hostile = new ValidationCheck("golden", CheckVerdict.Failed, "<script>alert(1)</script>");
        report = report with { Checks = [.. report.Checks, hostile] };
        string json = JsonSerializer.Serialize(report, StoredJson.Readable);
        string html = HtmlPage.Render<ValidationPage, ValidationReport>(report);

        Assert.Equal(
            json, JsonSerializer.Serialize(JsonSerializer.Deserialize<ValidationReport>(json, StoredJson.Options), StoredJson.Readable));
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("&lt;script&gt;", html, StringComparison.Ordinal);
        Assert.Contains("log_loss", html, StringComparison.Ordinal);
    }

    private static ValidationCheck Check(ValidationReport report, string name) => report.Checks.Single(check => check.Name == name);

    /// <param name="model">A sample's folder, or the path of a model.</param>
    private async Task<ValidationSubject> SubjectAsync(int version, string model, Manifest manifest, params string[] data)
    {
        string folder = Directory.CreateDirectory(Path.Combine(_root.Path, $"{version}")).FullName;
        File.Copy(
            Directory.Exists(SampleFiles.PathOf(model)) ? SampleFiles.PathOf($"{model}/model.onnx") : model,
            Path.Combine(folder, "model.onnx"));
        foreach (string file in data)
        {
            File.Copy(SampleFiles.PathOf(file), Path.Combine(folder, Path.GetFileName(file)));
        }

        InspectionOutcome outcome = await _probe.InspectAsync(folder, Token);
        return new ValidationSubject(folder, new ModelVersion
        {
            Model = ModelName.Parse("sample"),
            Number = version,
            Digest = "",
            ModelSha256 = "",
            Files = [],
            Inspection = outcome.Inspection!,
            Manifest = manifest,
            DroppedAt = DateTimeOffset.UnixEpoch,
            RegisteredAt = DateTimeOffset.UnixEpoch,
            Operation = Ids.Operation("test"),
        });
    }
}
