using Modeldrop.Manifests;
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

    private static readonly TensorSpec Flags = new("flags", Datatype.Int64, [-1, 5]);

    public static TheoryData<string, TensorSpec[], Manifest, string?> Cases => new()
    {
        { "classifier", [Label, Probabilities], new Manifest(), "Classification Probabilities probabilities" },
        { "label only", [Label], new Manifest(), "Classification Label label" },
        { "regression", [Value], new Manifest(), "Regression Value variable" },
        { "positive probability by task", [Value], new Manifest { Task = ModelTask.Classification }, "Classification PositiveProbability "
            + "variable" },
        { "probabilities by task", [Vector], new Manifest { Task = ModelTask.Classification }, "Classification Probabilities vector" },
        { "stated column", [Label, Probabilities], new Manifest { Prediction = new PredictionOutput("probabilities", 1) }, "Classification Probabilities probabilities 1" },
        { "stated label", [Label, Probabilities], new Manifest { Prediction = new PredictionOutput("label") }, "Classification Label label" },
        { "stated value of several", [Vector], new Manifest { Prediction = new PredictionOutput("vector", 2), Task = ModelTask.Regression }, "Regression Value vector 2" },
        { "integer regression", [Label], new Manifest { Task = ModelTask.Regression }, "Regression Value label" },
        { "vector without a task", [Vector], new Manifest(), null },
        { "stated output is absent", [Label], new Manifest { Prediction = new PredictionOutput("score") }, null },
        { "stated classes", [Vector], new Manifest { Prediction = new PredictionOutput(Classes: ["a", "b", "c", "d", "e"]) }, "Classification Probabilities vector" },
        { "stated scores", [Value], new Manifest { Prediction = new PredictionOutput(Scores: ScoreKind.Logits) }, "Classification PositiveProbability variable" },
        { "other number of classes", [Label, Probabilities], new Manifest { Prediction = new PredictionOutput(Classes: ["a", "b", "c"]) }, null },
        { "multi-label", [Flags, Vector], new Manifest { Task = ModelTask.Multilabel }, "Multilabel Probabilities vector" },
        { "multi-label without probabilities", [Flags], new Manifest { Task = ModelTask.Multilabel }, "Multilabel Label flags" },
        { "multi-label, said to exclude each other", [Flags, Vector], new Manifest { Task = ModelTask.Classification }, null },
        { "multi-label, not said", [Flags, Vector], new Manifest(), null },
        { "multi-label of one column", [Label, Value], new Manifest { Task = ModelTask.Multilabel }, null },
        { "stated column is absent", [Label, Probabilities], new Manifest { Prediction = new PredictionOutput("probabilities", 2) }, null },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Find_Outputs_AppliesTheRules(string name, TensorSpec[] outputs, Manifest manifest, string? expected)
    {
        (PredictionRule? rule, string? problem) = PredictionRule.Find(Inspection(outputs), manifest);

        Assert.Equal((name, expected), (name, rule is null ? null : $"{rule.Task} {rule.Kind} {rule.Output} {rule.Column}".TrimEnd()));
        Assert.True(rule is null != problem is null);
        Assert.NotEmpty(rule?.Explanation ?? problem!);
    }

    [Fact]
    public void Find_AsManyClassNamesAsColumns_MeansProbabilities()
    {
        (PredictionRule? rule, _) = PredictionRule.Find(Inspection([Vector]) with { Classes = ["a", "b", "c", "d", "e"] }, new Manifest());

        Assert.Equal(PredictionKind.Probabilities, rule!.Kind);
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
