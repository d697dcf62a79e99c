using System.Globalization;
using System.Text;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Modeldrop.Lifecycle.Validation;
using Modeldrop.Manifests;
using Modeldrop.Metrics;
using Modeldrop.Names;
using Modeldrop.Probe;
using Modeldrop.Registry;
using Modeldrop.Scoring.Sessions;
using Modeldrop.Tensors;
using Modeldrop.Tests.Probe;
using static Modeldrop.Tests.Predictions.LogWorld;

namespace Modeldrop.Tests.Lifecycle.Validation;

/// <summary>
/// Small models (tests/Cases) whose validation once depended on how labels were read. The labels are the models' own answers, so that every
/// correct figure is known.
/// </summary>
public sealed class LabelCaseTests : IDisposable
{
    private const int Rows = 200;

    private readonly TemporaryFolder _root = new();
    private readonly ProbeService _probe = ProbeFixture.Service();
    private readonly Validator _validator;

    public LabelCaseTests() =>
        _validator = new Validator(_probe, Options.Create(ProbeFixture.Options()), new FakeTimeProvider(DateTimeOffset.UnixEpoch));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _probe.Dispose();
        _root.Dispose();
    }

    [Fact]
    public async Task Validate_GraphWithoutClassNames_UsesItsOwnClassesForAnySample()
    {
        Manifest strict = Bounded("accuracy");

        ValidationReport some = await ValidateAsync("iris4.onnx", strict, answer => answer[0] < 2 ? $"{answer[0]}.0" : null);
        ValidationReport all = await ValidateAsync("iris4.onnx", strict, answer => $"{answer[0]}");

        Assert.True(some.IsValid, some.Summary);
        Assert.Equal((1.0, 1.0), (some.Metrics!.Values["accuracy"], some.Metrics.Values["f1"]));
        Assert.True(some.Metrics.Values.ContainsKey("log_loss"));
        Assert.True(some.Metrics.Rows is > 0 and < Rows);
        // By roc_auc_score(multi_class="ovr") it is slightly below 1: the greatest of three probabilities may be less than another row's
        // second greatest.
        Assert.InRange(all.Metrics!.Values["roc_auc"], 0.999, 1);
        Assert.Equal((1.0, Rows), (all.Metrics.Values["accuracy"], all.Metrics.Rows));
        Assert.Equal(["0", "1", "2"], all.Calibration!.Classes);
    }

    [Fact]
    public async Task Validate_NamesInTheManifest_AreTheClasses()
    {
        string[] names = ["setosa", "versicolor", "virginica"];
        Manifest manifest = Bounded("log_loss") with { Prediction = new PredictionOutput(Classes: names) };

        ValidationReport report = await ValidateAsync("iris4.onnx", manifest, answer => names[answer[0]]);
        ValidationReport unnamed = await ValidateAsync("iris4.onnx", Bounded("accuracy"), answer => names[answer[0]]);

        Assert.True(report.IsValid, report.Summary);
        Assert.Equal(1, report.Metrics!.Values["accuracy"]);
        Assert.InRange(report.Metrics.Values["roc_auc"], 0.999, 1);
        Assert.False(unnamed.IsValid);
        Assert.Empty(unnamed.Metrics!.Values);
        Assert.Contains("The manifest bounds accuracy, but it could not be computed.", unnamed.Reasons());
    }

    [Fact]
    public async Task Validate_TextCodesThatLookLikeNumbers_StayTexts()
    {
        string csv = "s,label\na,01\nb,1\na,01\n";

        ValidationReport right = await ValidateAsync("codes.onnx", Bounded("accuracy"), csv);
        ValidationReport wrong = await ValidateAsync("codes.onnx", Bounded("accuracy"), "s,label\na,1\nb,01\na,1\n");

        Assert.True(right.IsValid, right.Summary);
        Assert.Equal((1.0, 0.0), (right.Metrics!.Values["accuracy"], wrong.Metrics!.Values["accuracy"]));
        Assert.False(wrong.IsValid);
    }

    [Fact]
    public async Task Validate_RawScores_CannotPassABoundOnProbabilities()
    {
        ValidationReport raw = await ValidateAsync("logits.onnx", Bounded("log_loss"), answer => $"{answer[0]}");
        ValidationReport said = await ValidateAsync("logits.onnx",
            Bounded("log_loss") with { Prediction = new PredictionOutput(Scores: ScoreKind.Logits) }, answer => $"{answer[0]}");

        Assert.False(raw.IsValid);
        Assert.Equal(1, raw.Metrics!.Values["accuracy"]);
        Assert.DoesNotContain("log_loss", raw.Metrics.Values.Keys);
        Assert.Null(raw.Calibration);
        Assert.Contains(raw.Metrics.Notes, note => note.Contains("scores that are not probabilities", StringComparison.Ordinal));
        Assert.True(said.IsValid, said.Summary);
        // iris4 is the same network with its softmax: the same rows have the same figures.
        ValidationReport softmax = await ValidateAsync("iris4.onnx", Bounded("log_loss"), answer => $"{answer[0]}");
        Assert.Equal(softmax.Metrics!.Values["roc_auc"], said.Metrics!.Values["roc_auc"], 1e-9);
        Assert.Equal(softmax.Metrics.Values["log_loss"], said.Metrics.Values["log_loss"], 1e-6);
        Assert.NotNull(said.Calibration);
    }

    [Fact]
    public async Task Validate_Multilabel_HasAColumnForEachLabel()
    {
        Manifest manifest = Bounded("f1") with { Task = ModelTask.Multilabel, Labels = ["red", "green", "blue"] };

        ValidationReport report = await ValidateAsync("multilabel.onnx", manifest, answer => string.Join(',', answer), "red,green,blue");
        ValidationReport numbered = await ValidateAsync(
            "multilabel.onnx", manifest with { Labels = null, Label = "is" }, answer => string.Join(',', answer), "is_0,is_1,is_2");
        ValidationReport unsaid = await ValidateAsync(
            "multilabel.onnx", Bounded("f1") with { Label = "red" }, answer => string.Join(',', answer), "red,green,blue");

        Assert.True(report.IsValid, report.Summary);
        Assert.Equal((1.0, 1.0, 1.0),
            (report.Metrics!.Values["accuracy"], report.Metrics.Values["f1"], report.Metrics.Values["roc_auc/green"]));
        Assert.Null(report.Calibration);
        Assert.Equal(report.Metrics.Values["log_loss"], numbered.Metrics!.Values["log_loss"]);
        Assert.False(unsaid.IsValid);
        Assert.Contains(unsaid.Checks, check =>
            check.Explanation.Contains("The manifest must say \"task\": \"multilabel\".", StringComparison.Ordinal));
    }

    private static Manifest Bounded(string metric) => new()
    {
        Label = "label",
        Validation = new ValidationPolicy
        {
            Metrics = new Dictionary<string, MetricBounds>
            {
                [metric] = MetricNames.IsLowerBetter(metric) ? new(Max: 10) : new(Min: 0.99),
            },
        },
    };

    /// <param name="label">
    /// Makes a row's label from the model's answer, which has a whole number for each column of the label output; null leaves the row out.
    /// </param>
    private async Task<ValidationReport> ValidateAsync(
        string model, Manifest manifest, Func<long[], string?> label, string labelHeader = "label")
    {
        var random = new Random(7);
        float[] values = [.. Enumerable.Range(0, Rows * 4).Select(_ => (float)((random.NextDouble() * 8) - 4))];
        using ModelSession session = ModelSession.Load(Path.Combine(RepositoryFiles.Root, "tests", "Cases", model));
        Tensor answers = session.Run([Floats("X", [Rows, 4], values)]).Single(output => output.Name == "label");
        int width = (int)answers.Count / Rows;
        var csv = new StringBuilder($"X_0,X_1,X_2,X_3,{labelHeader}\n");
        for (int row = 0; row < Rows; row++)
        {
            if (label([.. Enumerable.Range(0, width).Select(
                column => (long)TensorValues.Number(answers, (row * width) + column))]) is { } text)
            {
                csv.Append(CultureInfo.InvariantCulture,
                    $"{string.Join(',', values.Skip(row * 4).Take(4).Select(value => value.ToString("R", CultureInfo.InvariantCulture)))},{text}\n");
            }
        }

        return await ValidateAsync(model, manifest, csv.ToString());
    }

    private async Task<ValidationReport> ValidateAsync(string model, Manifest manifest, string csv)
    {
        string folder = Directory.CreateDirectory(Path.Combine(_root.Path, Guid.NewGuid().ToString("N"))).FullName;
        File.Copy(Path.Combine(RepositoryFiles.Root, "tests", "Cases", model), Path.Combine(folder, "model.onnx"));
        await File.WriteAllTextAsync(Path.Combine(folder, "validation.csv"), csv, Token);
        InspectionOutcome outcome = await _probe.InspectAsync(folder, Token);
        var version = new ModelVersion
        {
            Model = ModelName.Parse("case"),
            Number = 1,
            Digest = "digest",
            ModelSha256 = "",
            Files = [],
            Inspection = outcome.Inspection!,
            Manifest = manifest,
            DroppedAt = DateTimeOffset.UnixEpoch,
            RegisteredAt = DateTimeOffset.UnixEpoch,
            Operation = Ids.Operation("test"),
        };
        return (await _validator.ValidateAsync(new ValidationSubject(folder, version), null, profiles: false, Token)).Report;
    }
}
