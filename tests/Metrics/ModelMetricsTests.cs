using System.Runtime.InteropServices;
using Modeldrop.Manifests;
using Modeldrop.Metrics;
using Modeldrop.Registry;
using Modeldrop.Tensors;

namespace Modeldrop.Tests.Metrics;

/// <summary>Figures from scikit-learn 1.2.1, and absent ones.</summary>
public sealed class ModelMetricsTests
{
    private static readonly TensorSpec Label = new("label", Datatype.Int64, [-1]);

    private static readonly TensorSpec Text = new("label", Datatype.Bytes, [-1]);

    private static readonly TensorSpec Two = new("probabilities", Datatype.Fp32, [-1, 2]);

    private static readonly TensorSpec Three = new("probabilities", Datatype.Fp32, [-1, 3]);

    private static readonly TensorSpec Value = new("variable", Datatype.Fp32, [-1, 1]);

    private static readonly TensorSpec Flags = new("flags", Datatype.Int64, [-1, 3]);

    private static readonly Manifest Classifier = new() { Task = ModelTask.Classification };

    private static readonly float[] OneEach = [.8f, .1f, .1f, .2f, .7f, .1f, .3f, .6f, .1f, .5f, .2f, .3f];

    private static readonly string[] Distribution = [MetricNames.LogLoss, MetricNames.Brier, MetricNames.CalibrationError];

    [Fact]
    public void Compute_ClassMissingInTheSample_UsesTheClassesOfTheModel()
    {
        ModelMetrics metrics = Compute(Three, Classifier, ["0", "1", "1.0", "false"], OneEach);

        Assert.Equal((4, 1.0, 1.0), (metrics.Rows, metrics.Values[MetricNames.Accuracy], metrics.Values[MetricNames.F1]));
        // log_loss(labels=[0, 1, 2])
        Assert.Equal(0.4459478248947194, metrics.Values[MetricNames.LogLoss], 1e-6);
        Assert.DoesNotContain(MetricNames.RocAuc, metrics.Values.Keys);
        Assert.Contains(metrics.Notes, note =>
            note.StartsWith("roc_auc is not defined here: a class has no row", StringComparison.Ordinal));
    }

    [Fact]
    public void Compute_LabelOutsideTheClasses_CountsAsWrongAndAffectsNoOtherClass()
    {
        ModelMetrics metrics = Compute(
            Three, Classifier, ["0", "1", "2", "7"], [.8f, .1f, .1f, .2f, .7f, .1f, .1f, .1f, .8f, .5f, .2f, .3f]);
        ModelMetrics three = Compute(Three, Classifier, ["0", "1", "2"], [.8f, .1f, .1f, .2f, .7f, .1f, .1f, .1f, .8f]);

        Assert.Equal(0.75, metrics.Values[MetricNames.Accuracy]);
        Assert.Equal(0.625, metrics.Values[MetricNames.Precision], 1e-12);
        Assert.Equal(0.75, metrics.Values[MetricNames.Recall], 1e-12);
        Assert.Equal(0.6666666666666666, metrics.Values[MetricNames.F1], 1e-12);
        Assert.Equal(three.Values[MetricNames.LogLoss], metrics.Values[MetricNames.LogLoss], 1e-12);
        Assert.Equal(1, metrics.Values[MetricNames.RocAuc]);
        Assert.Contains(metrics.Notes, note =>
            note.StartsWith("1 rows have a label that is not a class of the model ('7')", StringComparison.Ordinal));
        Assert.All(metrics.Values, pair => Assert.Equal(pair.Value, metrics.Sample!.Compute(pair.Key, [1, 1, 1, 1])!.Value, 1e-12));
    }

    [Fact]
    public void Compute_LabelOutsideTwoClasses_IsNotThePositiveClass()
    {
        ModelMetrics metrics = Compute(Two, Classifier, ["0", "1", "9"], [.9f, .1f, .2f, .8f, .9f, .1f]);

        Assert.Equal((1.0, 1.0, 1.0),
            (metrics.Values[MetricNames.Precision], metrics.Values[MetricNames.Recall], metrics.Values[MetricNames.RocAuc]));
        Assert.Equal(2.0 / 3, metrics.Values[MetricNames.Accuracy], 1e-12);
        Assert.Contains(metrics.Notes, note => note.Contains("positive class is '1'", StringComparison.Ordinal));
    }

    [Fact]
    public void Compute_NoRowOfThePositiveClass_HasNoRecall()
    {
        ModelMetrics metrics = Compute(Two, Classifier, ["0", "0"], [.9f, .1f, .8f, .2f]);

        Assert.Equal(1, metrics.Values[MetricNames.Accuracy]);
        Assert.Empty(metrics.Values.Keys.Intersect([MetricNames.Recall, MetricNames.Precision, MetricNames.F1, MetricNames.RocAuc]));
        Assert.Contains("recall is not defined here: no row has the label of the positive class.", metrics.Notes);
    }

    [Theory]
    [InlineData(new[] { "0", "nan", "1", "None" }, 2)]
    [InlineData(new[] { "0", "<NA>", "1", "" }, 2)]
    [InlineData(new[] { "0", "maybe", "1", "null" }, 2)]
    public void Compute_MissingAndUnreadableLabels_AreLeftOutAndCounted(string[] labels, int rows)
    {
        ModelMetrics metrics = Compute(Two, Classifier, labels, [.9f, .1f, .9f, .1f, .2f, .8f, .9f, .1f]);

        Assert.Equal((rows, 1.0), (metrics.Rows, metrics.Values[MetricNames.Accuracy]));
        Assert.Contains(metrics.Notes, note => note.EndsWith("without a label are left out.", StringComparison.Ordinal));
        Assert.Equal(labels.Contains("maybe"),
            metrics.Notes.Contains("1 rows have a label that is not a whole number ('maybe'); they are left out."));
    }

    /// <summary>The labels alone do not give the order of the classes: 'a' need not be the first probability.</summary>
    [Fact]
    public void Compute_TextLabelsOfUnnamedClasses_AreNotGuessed()
    {
        ModelMetrics metrics = Compute(Two, Classifier, ["a", "b", "a"], [.9f, .1f, .2f, .8f, .7f, .3f]);
        ModelMetrics stated = Compute(
            Two, new Manifest { Prediction = new PredictionOutput(Classes: ["b", "a"]) }, ["a", "b", "a"], [.9f, .1f, .2f, .8f, .7f, .3f]);

        Assert.Empty(metrics.Values);
        Assert.Contains(metrics.Notes, note => note.Contains("prediction.classes", StringComparison.Ordinal));
        Assert.Equal(0, stated.Values[MetricNames.Accuracy]);
    }

    [Fact]
    public void Compute_TextCodes_CompareByEveryCharacter()
    {
        Tensor answers = Tensor.OfStrings("label", [2], ["01", "1"]);
        PredictionRule rule = PredictionRule.Find(PredictionRuleTests.Inspection([Text]), new Manifest()).Rule!;

        // accuracy_score(["1", "01"], ["01", "1"])
        Assert.Equal(0, ModelMetrics.Compute(rule, [answers], ["1", "01"]).Values[MetricNames.Accuracy]);
        Assert.Equal(1, ModelMetrics.Compute(rule, [answers], ["01", "1"]).Values[MetricNames.Accuracy]);
    }

    [Fact]
    public void Compute_Logits_AreProbabilitiesOnlyIfTheManifestSaysSo()
    {
        float[] scores = [2, -1, .5f, .1f, .2f, .3f, -2, 3, 0, 1, 1.5f, -.5f, 0, 0, 2.5f];
        string[] labels = ["0", "2", "1", "0", "2"];
        ModelMetrics raw = Compute(Three, Classifier, labels, scores);
        ModelMetrics said = Compute(Three, new Manifest { Prediction = new PredictionOutput(Scores: ScoreKind.Logits) }, labels, scores);

        Assert.Equal(0.8, raw.Values[MetricNames.Accuracy], 1e-12);
        Assert.Empty(raw.Values.Keys.Intersect([.. Distribution, MetricNames.RocAuc]));
        Assert.Null(raw.Classified);
        Assert.Contains(raw.Notes, note =>
            note.StartsWith("'probabilities' has scores that are not probabilities: in 5 of 5 rows", StringComparison.Ordinal));
        Assert.Equal(0.8, said.Values[MetricNames.Accuracy], 1e-12);
        Assert.Equal(0.5010409368593349, said.Values[MetricNames.LogLoss], 1e-7);
        Assert.Equal(1, said.Values[MetricNames.RocAuc], 1e-12);
    }

    [Fact]
    public void Unlabelled_WithoutAnEstimate_GivesTheReason()
    {
        (ClassifiedRows? rows, string? reason) = Unlabelled([Label, Three], new Manifest());
        Assert.Equal(["0", "1", "2"], rows!.Classes);
        Assert.Null(reason);
        Assert.Equal("there are no probabilities", Unlabelled([Label], new Manifest()).Reason);
        Assert.StartsWith("The graph does not name its classes", Unlabelled([Text, Three], new Manifest()).Reason,
            StringComparison.Ordinal);
        Assert.Equal("'probabilities' has scores that are not probabilities",
            Unlabelled([Two with { Shape = [-1, 3] }], Classifier, 2).Reason);
        Assert.Equal((null, null), Unlabelled([Value], new Manifest()));
    }

    private static (ClassifiedRows? Rows, string? Reason) Unlabelled(TensorSpec[] outputs, Manifest manifest, float factor = 1)
    {
        Tensor[] tensors = [.. outputs.Select(output => output.Datatype switch
        {
            Datatype.Bytes => Tensor.OfStrings(output.Name, [4], ["a", "b", "b", "a"]),
            Datatype.Int64 => Tensor.OfBytes(output.Name, Datatype.Int64, [4], new byte[32]),
            _ => Floats(output, 4, [.. OneEach.Select(one => one * factor)]),
        })];
        return ModelMetrics.Unlabelled(PredictionRule.Find(PredictionRuleTests.Inspection(outputs), manifest).Rule!, tensors);
    }

    [Fact]
    public void Compute_OneLogitPerRow_UsesTheLogisticFunction()
    {
        float[] scores = [2, -1.5f, .3f, -.2f, 1.1f];
        string[] labels = ["1", "0", "0", "1", "1"];
        ModelMetrics raw = Compute(Value, Classifier, labels, scores);
        ModelMetrics said = Compute(Value, new Manifest { Prediction = new PredictionOutput(Scores: ScoreKind.Logits) }, labels, scores);

        Assert.Equal([MetricNames.RocAuc], raw.Values.Keys);
        Assert.Equal(0.8333333333333334, raw.Values[MetricNames.RocAuc], 1e-12);
        Assert.Equal(0.6, said.Values[MetricNames.Accuracy], 1e-12);
        Assert.Equal(0.4536341455982549, said.Values[MetricNames.LogLoss], 1e-7);
        Assert.Equal(0.14843201058670547, said.Values[MetricNames.Brier], 1e-7);
    }

    [Fact]
    public void Compute_BooleanLabelsOfClasses0And1_AreTheseClasses()
    {
        ModelMetrics metrics = Compute(Two, Classifier, ["False", "True"], [.9f, .1f, .2f, .8f], ["0", "1"]);

        Assert.Equal(1, metrics.Values[MetricNames.Accuracy]);
    }

    [Theory]
    [InlineData("two")]
    [InlineData("1e999")]
    [InlineData("NaN")]
    public void Compute_RegressionWithABadLabel_LeavesThatRowOut(string label)
    {
        ModelMetrics metrics = Compute(Value, new Manifest(), ["3", label, "5"], [2.5f, 9, 6]);

        Assert.Equal((2, 0.75), (metrics.Rows, metrics.Values[MetricNames.Mae]));
        Assert.Contains(metrics.Notes, note =>
            note.Contains(label == "NaN" ? "1 rows without a label" : $"is not a number ('{label}')", StringComparison.Ordinal));
    }

    [Fact]
    public void Compute_NaN_LeavesTheMetricOut()
    {
        ModelMetrics metrics = Compute(Value, new Manifest(), ["1", "2"], [1, float.NaN]);

        Assert.Empty(metrics.Values);
        Assert.Contains(metrics.Notes, note => note.Contains("mae is not defined", StringComparison.Ordinal));
    }

    private static readonly float[] Each = [.9f, .2f, .6f, .4f, .1f, .3f, .7f, .8f, .2f, .6f, .4f, .1f, .3f, .3f, .55f, .2f, .9f, .7f];

    private static readonly string[] EachLabels = ["[1,0,1]", "0,0,1", "1 1 0", "[0,1,0]", "[1,0,0]", "[false,true,1.0]"];

    private static readonly Manifest Multilabel = new() { Task = ModelTask.Multilabel,
        Prediction = new PredictionOutput(Classes: ["a", "b", "c"]) };

    [Fact]
    public void Compute_Multilabel_EqualsScikitLearn()
    {
        ModelMetrics metrics = Compute(Three, Multilabel, EachLabels, Each);

        Assert.Equal(0.5, metrics.Values[MetricNames.Accuracy]);
        Assert.Equal(0.7777777777777777, metrics.Values[MetricNames.Precision], 1e-12);
        Assert.Equal(0.6666666666666666, metrics.Values[MetricNames.Recall], 1e-12);
        Assert.Equal(0.7111111111111111, metrics.Values[MetricNames.F1], 1e-12);
        Assert.Equal(0.8888888888888888, metrics.Values[MetricNames.RocAuc], 1e-12);
        Assert.Equal(0.46915150643634873, metrics.Values[MetricNames.LogLoss], 1e-6);
        Assert.Equal(0.1551388888888889, metrics.Values[MetricNames.Brier], 1e-6);
        Assert.Equal((0.8, 1.0, 0.8333333333333334), (metrics.Values["f1/b"], metrics.Values["roc_auc/b"], metrics.Values["accuracy/b"]));
        Assert.Null(metrics.Classified);
        Assert.DoesNotContain("brier/b", MetricBootstrap.Run(metrics.Sample!, null, "seed").Candidate.Keys);
        Assert.Contains(MetricNames.Brier, MetricBootstrap.Run(metrics.Sample!, null, "seed").Candidate.Keys);
    }

    [Fact]
    public void Compute_MultilabelWithMissingAndBadLabels_CountsTheValidOnes()
    {
        ModelMetrics metrics = Compute(Three, Multilabel, ["[1,,1]", "[0,0,1]", "[1,1,0]", "NA", "[,,]", "[1,0]"], Each);

        Assert.Equal(3, metrics.Rows);
        // One of the two fully labelled rows is right.
        Assert.Equal(0.5, metrics.Values[MetricNames.Accuracy]);
        Assert.Equal(1, metrics.Values["accuracy/a"]);
        Assert.Contains("2 rows without a label are left out.", metrics.Notes);
        Assert.Contains(metrics.Notes, note =>
            note.StartsWith("1 rows have a label that is not a list of 3 values, each 0 or 1 ('[1,0]')", StringComparison.Ordinal));
        Assert.Contains(Compute(Three, Multilabel, ["[1,0,0]", "[1,1,0]", "[1,0,0]", "[1,1,0]", "[1,1,0]", "[1,1,0]"], Each).Notes,
            note => note.StartsWith("roc_auc is not defined here: it is not defined for 'a', 'c'", StringComparison.Ordinal));
    }

    [Fact]
    public void Judge_AnswersOfEachKind_ComparesByTheirType()
    {
        RowAnswers answers = RowAnswers.Of(PredictionRuleTests.Inspection([Flags, Three]), Multilabel).Answers!;
        RowAnswer answer = answers.Read([Floats(Three, 1, [.9f, .2f, .6f])])[0];

        Assert.Equal(("[1,0,1]", null), (answer.Class, answer.Probabilities));
        Assert.True(answers.Judge(answer, "1 0 1")!.IsRight);
        Assert.False(answers.Judge(answer, "[1,1,1]")!.IsRight);
        Assert.Null(answers.Judge(answer, "[1,,1]"));

        RowAnswers codes = RowAnswers.Of(PredictionRuleTests.Inspection([Text]), new Manifest()).Answers!;
        Assert.False(codes.Judge(new RowAnswer("01", null, null), "1")!.IsRight);
        Assert.Null(codes.Judge(new RowAnswer("01", null, null), "nan"));
        RowAnswers scores = RowAnswers.Of(PredictionRuleTests.Inspection([Label, Two]), new Manifest()).Answers!;
        Assert.Equal(new JudgedRow(true), scores.Judge(new RowAnswer("1", [-3, 4], null), "1.0"));
    }

    private static ModelMetrics Compute(
        TensorSpec spec, Manifest manifest, string[] labels, float[] values, IReadOnlyList<string>? classes = null)
    {
        ModelInspection inspection = PredictionRuleTests.Inspection([spec]) with { Classes = classes };
        return ModelMetrics.Compute(PredictionRule.Find(inspection, manifest).Rule!, [Floats(spec, labels.Length, values)], labels);
    }

    private static Tensor Floats(TensorSpec spec, int rows, float[] values) =>
        Tensor.OfBytes(spec.Name, Datatype.Fp32, [rows, values.Length / rows], MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
}
