using System.Runtime.InteropServices;
using Modeldrop.Metrics;
using Modeldrop.Registry;
using Modeldrop.Tensors;

namespace Modeldrop.Tests.Metrics;

public sealed class PredictionRuleTests
{
    private static readonly TensorSpec Label = new("label", Datatype.Int64, [-1]);

    private static readonly TensorSpec Probabilities = new("probabilities", Datatype.Fp32, [-1, 2]);

    private static readonly TensorSpec Value = new("variable", Datatype.Fp32, [-1, 1]);

    private static readonly TensorSpec Vector = new("vector", Datatype.Fp32, [-1, 5]);

    public static TheoryData<string, TensorSpec[], Manifest, string?> Cases => new()
    {
        { "classifier", [Label, Probabilities], new Manifest(), "Classification Probabilities probabilities" },
        { "label only", [Label], new Manifest(), "Classification Label label" },
        { "regression", [Value], new Manifest(), "Regression Value variable" },
        { "positive probability by task", [Value], new Manifest { Task = ModelTask.Classification }, "Classification PositiveProbability variable" },
        { "probabilities by task", [Vector], new Manifest { Task = ModelTask.Classification }, "Classification Probabilities vector" },
        { "stated column", [Label, Probabilities], new Manifest { Prediction = new PredictionOutput("probabilities", 1) }, "Classification Probabilities probabilities 1" },
        { "stated label", [Label, Probabilities], new Manifest { Prediction = new PredictionOutput("label") }, "Classification Label label" },
        { "stated value of several", [Vector], new Manifest { Prediction = new PredictionOutput("vector", 2), Task = ModelTask.Regression }, "Regression Value vector 2" },
        { "integer regression", [Label], new Manifest { Task = ModelTask.Regression }, "Regression Value label" },
        { "vector without a task", [Vector], new Manifest(), null },
        { "stated output is absent", [Label], new Manifest { Prediction = new PredictionOutput("score") }, null },
        { "stated column is absent", [Label, Probabilities], new Manifest { Prediction = new PredictionOutput("probabilities", 2) }, null },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Find_Outputs_FollowsTheRules(string name, TensorSpec[] outputs, Manifest manifest, string? expected)
    {
        (PredictionRule? rule, string? problem) = PredictionRule.Find(Inspection(outputs), manifest);

        Assert.Equal((name, expected), (name, rule is null ? null : $"{rule.Task} {rule.Kind} {rule.Output} {rule.Column}".TrimEnd()));
        Assert.True(rule is null != problem is null);
        Assert.NotEmpty(rule?.Explanation ?? problem!);
    }

    [Fact]
    public void Find_GraphNamesAsManyClassesAsColumns_IsProbabilities()
    {
        (PredictionRule? rule, _) = PredictionRule.Find(Inspection([Vector]) with { Classes = ["a", "b", "c", "d", "e"] }, new Manifest());

        Assert.Equal(PredictionKind.Probabilities, rule!.Kind);
    }

    [Fact]
    public void Compute_ClassesNotNamed_AreTheSortedLabels()
    {
        // 10 sorts behind 9 as a number, before it as a text.
        ModelMetrics metrics = Compute([Probabilities], new Manifest { Task = ModelTask.Classification }, ["9", "10.0", "9", ""], [.9f, .1f, .2f, .8f, .7f, .3f, .5f, .5f]);

        Assert.Equal(3, metrics.Rows);
        Assert.Equal(1, metrics.Values[MetricNames.Accuracy]);
        Assert.Equal(1, metrics.Values[MetricNames.RocAuc]);
        Assert.Contains(metrics.Notes, note => note.Contains("1 rows without a label", StringComparison.Ordinal));
        Assert.Contains(metrics.Notes, note => note.Contains("positive class is '10'", StringComparison.Ordinal));
    }

    [Fact]
    public void Compute_LabelsDoNotFitTheProbabilities_SaysWhy()
    {
        ModelMetrics metrics = Compute([Probabilities], new Manifest { Task = ModelTask.Classification }, ["a", "b", "c"], [.9f, .1f, .2f, .8f, .7f, .3f]);

        Assert.DoesNotContain(MetricNames.LogLoss, metrics.Values.Keys);
        Assert.Contains(metrics.Notes, note => note.Contains("3 different labels for 2 probabilities", StringComparison.Ordinal));
    }

    [Fact]
    public void Compute_BooleanLabelsOfClasses0And1_AreThose()
    {
        ModelMetrics metrics = Compute([Probabilities], new Manifest(), ["False", "True"], [.9f, .1f, .2f, .8f], ["0", "1"]);

        Assert.Equal(1, metrics.Values[MetricNames.Accuracy]);
    }

    [Fact]
    public void Compute_RegressionOnWords_SaysWhy()
    {
        ModelMetrics metrics = Compute([Value], new Manifest(), ["1", "two"], [1, 2]);

        Assert.Empty(metrics.Values);
        Assert.Contains(metrics.Notes, note => note.Contains("'two' is not a number", StringComparison.Ordinal));
    }

    [Fact]
    public void Compute_NaN_LeavesTheMetricOut()
    {
        ModelMetrics metrics = Compute([Value], new Manifest(), ["1", "2"], [1, float.NaN]);

        Assert.Empty(metrics.Values);
        Assert.Contains(metrics.Notes, note => note.Contains("mae is not defined", StringComparison.Ordinal));
    }

    private static ModelMetrics Compute(TensorSpec[] outputs, Manifest manifest, string[] labels, float[] values, IReadOnlyList<string>? classes = null)
    {
        ModelInspection inspection = Inspection(outputs) with { Classes = classes };
        Tensor output = Tensor.OfBytes(outputs[0].Name, Datatype.Fp32, [labels.Length, values.Length / labels.Length], MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
        return ModelMetrics.Compute(PredictionRule.Find(inspection, manifest).Rule!, inspection, [output], labels);
    }

    internal static ModelInspection Inspection(TensorSpec[] outputs, params TensorSpec[] inputs) => new()
    {
        Signature = new Signature(inputs, outputs),
        Opsets = new Dictionary<string, long>(),
        Operators = new Dictionary<string, int>(),
        IrVersion = 8,
        Producer = "",
        Metadata = new Dictionary<string, string>(),
        Parameters = 0,
    };
}
