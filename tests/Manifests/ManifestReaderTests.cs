using System.Text;
using Modeldrop.Manifests;

namespace Modeldrop.Tests.Manifests;

public sealed class ManifestReaderTests
{
    internal const string Whole = """
        {
          // As the documentation shows it.
          "$schema": "model.schema.json", "companions": ["reference.csv", "validation.csv"],
          "description": "late flights", "tags": {"team": "ops", "empty": ""}, "task": "classification",
          "label": "late", "prediction": {"output": "probabilities", "column": 1},
          "dataset": {"name": "flights-2001-01", "version": 3, "uri": "https://example.com/a.csv", "note": "January, 60k rows"},
          "source": {"git": "https://example.com/r.git@sha", "run": "17"},
          "validation": {"metrics": {"roc_auc": {"min": 0.55, "maxDropFromChampion": 0.01}, "log_loss": {"max": 0.6}}, "latencyP95Ms": 20, "maxDisagreement": 0.2},
          "promotion": {"mode": "manual", "steps": [5, 25, 100], "bakeMinutes": 0.5, "approval": true},
          "logging": {"mode": "durable", "sample": 0.25, "maxRecordBytes": 1024},
          "monitoring": {"window": "7.12:00:00", "alertWebhook": "https://example.com/hook", "onDrift": "retrain", "onDegraded": "rollback",
            "significance": 0.001, "slices": [["origin"], ["origin", "hour"]],
            "features": {"hour": {"watch": false}, "price": {"watch": true, "floor": 0.05, "importance": 3, "range": {"min": 0, "max": 1e4}, "kind": "numeric"}}},
        }
        """;

    [Fact]
    public void Read_EveryMember_IsRead()
    {
        ManifestReading reading = Read(Whole);

        Assert.Empty(reading.Violations);
        Manifest manifest = reading.Manifest!;
        Assert.Equal(("late flights", ModelTask.Classification, "late"), (manifest.Description, manifest.Task, manifest.Label));
        Assert.Equal(["reference.csv", "validation.csv"], manifest.Companions);
        Assert.Equal([("empty", ""), ("team", "ops")], manifest.Tags.Select(tag => (tag.Key, tag.Value)).Order());
        Assert.Equal(new PredictionOutput("probabilities", 1), manifest.Prediction);
        Assert.Equal(new DatasetSource("flights-2001-01", "https://example.com/a.csv", "January, 60k rows", 3), manifest.Dataset);
        Assert.Equal(new ModelSource("https://example.com/r.git@sha", "17"), manifest.Source);
        Assert.Equal(new MetricBounds(0.55, null, 0.01), manifest.Validation.Metrics["roc_auc"]);
        Assert.Equal(new MetricBounds(null, 0.6), manifest.Validation.Metrics["log_loss"]);
        Assert.Equal((20.0, 0.2), (manifest.Validation.LatencyP95Ms, manifest.Validation.MaxDisagreement));
        Assert.Equal([5, 25, 100], manifest.Promotion.Steps);
        Assert.Equal(
            (PromotionMode.Manual, 0.5, true), (manifest.Promotion.Mode, manifest.Promotion.BakeMinutes, manifest.Promotion.Approval));
        Assert.Equal(new LoggingPolicy { Mode = LoggingMode.Durable, Sample = 0.25, MaxRecordBytes = 1024 }, manifest.Logging);
        Assert.Equal(new MonitoringPolicy
        {
            Window = new TimeSpan(7, 12, 0, 0),
            AlertWebhook = "https://example.com/hook",
            OnDrift = DriftAction.Retrain,
            OnDegraded = DriftAction.Rollback,
            Significance = 0.001,
            Features = manifest.Monitoring.Features,
            Slices = manifest.Monitoring.Slices,
        }, manifest.Monitoring);
        Assert.Equal(["hour", "price"], manifest.Monitoring.Features.Keys.Order());
        Assert.Equal(new FeaturePolicy(Watch: false), manifest.Monitoring.FindFeature("hour", "hour"));
        Assert.Equal(new FeaturePolicy(true, 0.05, 3, new ExpectedRange(0, 10_000), FeaturePolicyKind.Numeric),
            manifest.Monitoring.FindFeature("price_0", "price"));
        Assert.Equal([["origin"], ["origin", "hour"]], manifest.Monitoring.Slices);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("\uFEFF{}")]
    [InlineData("""{"description": null, "tags": null, "promotion": {"steps": null}, "dataset": null}""")]
    public void Read_NothingStated_GivesTheDefaults(string json)
    {
        Manifest manifest = Read(json).Manifest!;

        Assert.Equal(
            (PromotionMode.Auto, LoggingMode.Buffered, TimeSpan.FromDays(1)),
            (manifest.Promotion.Mode, manifest.Logging.Mode, manifest.Monitoring.Window));
        Assert.Equal([100], manifest.Promotion.Steps);
        Assert.Null(manifest.Dataset);
    }

    [Theory]
    [InlineData("""[]""", "The manifest is a list")]
    [InlineData("""{"description": 1}""", "'description' is 1, not text")]
    [InlineData("""{"description": "  "}""", "'description' is empty")]
    [InlineData("""{"tags": ["a"]}""", "'tags' is a list, not an object")]
    [InlineData("""{"tags": {"a": 1}}""", "'tags.a' is 1")]
    [InlineData("""{"tags": {"": "x"}}""", "'tags.'")]
    [InlineData("""{"companions": "reference.csv"}""", "'companions' is 'reference.csv', not a list of strings")]
    [InlineData("""{"companions": [1]}""", "'companions' contains 1; it must be a list of strings")]
    [InlineData("""{"companions": ["data/reference.csv"]}""", "'companions' contains 'data/reference.csv'")]
    [InlineData("""{"companions": ["model.onnx"]}""", "'companions' contains 'model.onnx'")]
    [InlineData("""{"companions": ["report.json"]}""", "'companions' contains 'report.json'")]
    [InlineData("""{"companions": ["_READY"]}""", "'companions' contains '_READY'")]
    [InlineData("""{"companions": [".."]}""", "'companions' contains '..'")]
    [InlineData("""{"task": "clustering"}""", "'classification', 'regression'")]
    [InlineData("""{"task": "Regression"}""", "'task'")]
    [InlineData("""{"task": 0}""", "'task' is 0")]
    [InlineData("""{"prediction": {"column": 1}}""", "'prediction.output' is missing")]
    [InlineData("""{"prediction": {"column": 1, "classes": ["a", "b"]}}""", "'prediction.output' is missing")]
    [InlineData("""{"prediction": {"classes": ["a", "a"]}}""", "'prediction.classes' contains 'a' twice")]
    [InlineData("""{"prediction": {"classes": ["a", 1.5]}}""",
        "'prediction.classes' contains 1.5; it must be a list of different strings or whole numbers")]
    [InlineData("""{"prediction": {"classes": []}}""", "'prediction.classes' has 0 members; it must have 1 to 10000")]
    [InlineData("""{"prediction": {"scores": "raw"}}""", "'prediction.scores' is 'raw'; it must be one of 'probabilities', 'logits'")]
    [InlineData("""{"task": "regression", "prediction": {"scores": "logits"}}""", "'prediction.scores' do not apply to a regression")]
    [InlineData("""{"label": ["a", "b"]}""", "only a model with the task 'multilabel' has several labels per row")]
    [InlineData("""{"task": "multilabel", "label": ["a", "b"], "prediction": {"classes": ["a", "b", "c"]}}""", "'label' names 2 columns for the 3 labels")]
    [InlineData("""{"task": "multilabel", "prediction": {"output": "p", "column": 1}}""",
        "'prediction.column' does not apply to the task 'multilabel'")]
    [InlineData("""{"prediction": {"output": "p", "column": -1}}""", "'prediction.column' is -1; it must be at least 0")]
    [InlineData("""{"prediction": {"output": "p", "column": 1.5}}""", "not a whole number")]
    [InlineData("""{"dataset": {"name": "a/b"}}""", "'dataset.name' is 'a/b'")]
    [InlineData("""{"dataset": {"uri": "data.csv"}}""", "'dataset.uri'")]
    [InlineData("""{"dataset": {"version": 1}}""", "'dataset.version' is given without the data set's 'dataset.name'")]
    [InlineData("""{"dataset": {"name": "a", "version": 0}}""", "'dataset.version' is 0; it must be at least 1")]
    [InlineData("""{"validation": {"metrics": {"auc": {"min": 0.5}}}}""", "'validation.metrics.auc' is unknown; the members here are 'accuracy', 'log_loss', 'roc_auc', ")]
    [InlineData("""{"validation": {"metrics": {"mae": 0.5}}}""", "'validation.metrics.mae' is 0.5, not an object")]
    [InlineData("""{"validation": {"metrics": {"mae": {"min": "a"}}}}""", "'validation.metrics.mae.min' is 'a', not a number")]
    [InlineData("""{"validation": {"metrics": {"mae": {"min": 2, "max": 1}}}}""", "no model can pass")]
    [InlineData("""{"validation": {"metrics": {"mae": {"maxDropFromChampion": -0.1}}}}""", "must be at least 0")]
    [InlineData("""{"validation": {"metrics": {"mae": {"min": 1e999}}}}""", "not a number")]
    [InlineData("""{"validation": {"latencyP95Ms": 0}}""", "must be more than 0")]
    [InlineData("""{"validation": {"maxDisagreement": 1.1}}""", "must be at least 0 and at most 1")]
    [InlineData("""{"promotion": {"mode": "later"}}""", "'auto', 'manual', 'off'")]
    [InlineData("""{"promotion": {"steps": []}}""", "1 to 20 steps")]
    [InlineData("""{"promotion": {"steps": [0, 100]}}""", "1 to 100 percent")]
    [InlineData("""{"promotion": {"steps": [50, 101]}}""", "1 to 100 percent")]
    [InlineData("""{"promotion": {"steps": [25, 25, 100]}}""", "must rise")]
    [InlineData("""{"promotion": {"steps": [5, 25]}}""", "last step must be 100")]
    [InlineData("""{"promotion": {"steps": [5, "25", 100]}}""", "contains '25'")]
    [InlineData("""{"promotion": {"steps": 100}}""", "a list of whole numbers")]
    [InlineData("""{"promotion": {"bakeMinutes": -1}}""", "'promotion.bakeMinutes'")]
    [InlineData("""{"promotion": {"approval": "yes"}}""", "true or false")]
    [InlineData("""{"logging": {"mode": "strict"}}""", "'logging.mode'")]
    [InlineData("""{"logging": {"sample": 2}}""", "'logging.sample' is 2")]
    [InlineData("""{"logging": {"maxRecordBytes": 0}}""", "'logging.maxRecordBytes'")]
    [InlineData("""{"monitoring": {"window": "24:00:00"}}""", "'monitoring.window' is '24:00:00'")]
    [InlineData("""{"monitoring": {"window": "a day"}}""", "days.hh:mm:ss")]
    [InlineData("""{"monitoring": {"window": "00:00:00"}}""", "more than zero")]
    [InlineData("""{"monitoring": {"window": "-1.00:00:00"}}""", "more than zero")]
    [InlineData("""{"monitoring": {"window": 86400}}""", "not text")]
    [InlineData("""{"monitoring": {"alertWebhook": "ftp://example.com"}}""", "http or https")]
    [InlineData("""{"monitoring": {"alertWebhook": "/hook"}}""", "http or https")]
    [InlineData("""{"monitoring": {"significance": 0}}""", "'monitoring.significance' is 0")]
    [InlineData("""{"monitoring": {"features": {"x": {"floor": 2}}}}""", "'monitoring.features.x.floor' is 2")]
    [InlineData("""{"monitoring": {"features": {"x": {"importance": 0}}}}""", "more than 0")]
    [InlineData("""{"monitoring": {"features": {"x": {"kind": "text"}}}}""", "'numeric', 'category'")]
    [InlineData("""{"monitoring": {"features": {"x": {"range": {"min": 2, "max": 1}}}}}""", "every number is out of range")]
    [InlineData("""{"monitoring": {"features": {"x": {"kind": "category", "range": {}}}}}""", "does not apply to a category")]
    [InlineData("""{"monitoring": {"slices": [["b", "a"], ["a", "b"]]}}""", "the same inputs twice")]
    [InlineData("""{"monitoring": {"slices": ["a"]}}""", "lists of 1 to 2 different names")]
    [InlineData("""{"monitoring": {"onDrift": "ignore"}}""", "'alert', 'rollback', 'retrain'")]
    [InlineData("""{"label": "a", "label": "b"}""", "not valid JSON")]
    [InlineData("""{"label": "\ud800"}""", "not valid JSON")]
    [InlineData("""{"label": "a" """, "not valid JSON")]
    [InlineData("", "not valid JSON")]
    public void Read_OneError_IsOneSentence(string json, string part)
    {
        ManifestReading reading = Read(json);

        Assert.Null(reading.Manifest);
        Assert.Contains(part, Assert.Single(reading.Violations), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_SeveralErrors_NamesAllAtOnce()
    {
        ManifestReading reading = Read("""
            {"description": 1, "validation": {"metrics": {"auc": {}}, "maxDisagreement": -1}, "promotion": {"steps": [1]}, "monitoring": {"onDrift": 7}}
            """);

        Assert.Equal(5, reading.Violations.Count);
    }

    [Theory]
    [InlineData("""{"promotions": {"mode": "off"}}""", "'promotions' is unknown; did you mean 'promotion'?")]
    [InlineData("""{"Label": "late"}""", "'Label' is unknown; did you mean 'label'?")]
    [InlineData("""{"lable": "late"}""", "'lable' is unknown; did you mean 'label'?")]
    [InlineData("""{"monitoring": {"alert_webhook": "https://example.com"}}""", "'monitoring.alert_webhook' is unknown; did you mean 'monitoring.alertWebhook'?")]
    [InlineData("""{"validation": {"metric": {"mae": {"max": 1}}}}""", "'validation.metric' is unknown; did you mean 'validation.metrics'?")]
    [InlineData("""{"validation": {"metrics": {"roc_uac": {}}}}""", "'validation.metrics.roc_uac' is unknown; did you mean 'validation.metrics.roc_auc'?")]
    [InlineData("""{"validation": {"metrics": {"r2": {"minimum": 1}}}}""", "'validation.metrics.r2.minimum' is unknown; the members here are 'min', 'max', 'maxDropFromChampion'.")]
    [InlineData("""{"prediction": {"output": "y", "columns": 1}}""", "'prediction.columns' is unknown; did you mean 'prediction.column'?")]
    [InlineData("""{"dataset": {"url": "https://example.com"}}""", "'dataset.url' is unknown; did you mean 'dataset.uri'?")]
    [InlineData("""{"source": {"x": null}}""", "'source.x' is unknown; the members here are 'git', 'run'.")]
    [InlineData("""{"promotion": {"gate": {"minRequest": 1}}}""", "'promotion.gate.minRequest' is unknown; did you mean 'promotion.gate.minRequests'?")]
    [InlineData("""{"logging": {"samples": 1}}""", "'logging.samples' is unknown; did you mean 'logging.sample'?")]
    [InlineData("""{"steps": [5, 100]}""", "'steps' is unknown; did you mean 'promotion.steps'?")]
    [InlineData("""{"metrics": {}}""", "'metrics' is unknown; did you mean 'validation.metrics'?")]
    public void Read_UnknownMember_IsRefusedWithTheSuggestedName(string json, string sentence)
    {
        ManifestReading reading = Read(json);

        Assert.Null(reading.Manifest);
        Assert.Equal([sentence], reading.Violations);
    }

    [Fact]
    public void Read_ManyUnknownMembers_NamesNineteenAndCountsTheOthers()
    {
        ManifestReading reading = Read($"{{{string.Join(',', Enumerable.Range(0, 50).Select(index => $"\"unknown{index}\": 1"))}}}");

        Assert.Equal(20, reading.Violations.Count);
        Assert.Equal("31 more members are unknown.", reading.Violations[^1]);
    }

    [Fact]
    public void Read_TooLargeOrTooDeep_IsRefused()
    {
        Assert.Single(ManifestReader.Read(new byte[ManifestReader.MaxBytes + 1]).Violations);
        Assert.Single(Read(string.Concat(Enumerable.Repeat("{\"a\":", 1_000))).Violations);
    }

    private static ManifestReading Read(string json) => ManifestReader.Read(Encoding.UTF8.GetBytes(json));
}
