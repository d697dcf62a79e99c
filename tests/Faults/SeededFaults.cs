namespace Modeldrop.Tests.Faults;

/// <summary>Typical faults between training and production, made by hand on real models.</summary>
internal static class SeededFaults
{
    private const string Ml = "ai.onnx.ml";

    public static IReadOnlyList<SeededFault> All { get; } =
    [
        // Inputs and their preparation.
        new("two input columns swapped", "flights/2", "metric.", model => Swap(model, "origin", "destination")),
        new(
            "two number columns swapped", "digits/1", "metric.",
            model => Permute(model, "coefficient", 64, pixel => ((pixel % 8) * 8) + (pixel / 8))),
        new(
            "a unit changed: body mass in kilograms", "penguins/1", "metric.",
            model => OnnxEditor.Floats(model.Node("Scaler"), "offset", offset => [.. offset[..3], offset[3] * 1000])),
        new(
            "an off-by-one category map", "flights/2", "metric.",
            model => OnnxEditor.Texts(model.Node("OneHotEncoder"), "cats_strings", names => [.. names.Skip(1), names[0]])),
        new(
            "categories in lower case", "flights/2", "metric.",
            model => OnnxEditor.Texts(model.Node("OneHotEncoder"), "cats_strings", names => names.Select(name => name.ToLowerInvariant()))),
        new(
            "the scaler left out", "flights/2", "metric.",
            model => OnnxEditor.Floats(model.Node("Scaler"), "scale", scale => [.. scale.Select(_ => 1f)])),
        new(
            "another scaler's statistics", "penguins/1", "metric.",
            model => OnnxEditor.Floats(model.Node("Scaler"), "offset", offset => [.. offset.Reverse()])),

        // Weights and answers.
        new(
            "a constant answer", "flights/2", "metric.roc_auc.min",
            model => OnnxEditor.Floats(Trees(model), "class_weights", weights => [.. weights.Select(_ => 0f)])),
        new(
            "the sign flipped", "flights/2", "metric.roc_auc.min",
            model => OnnxEditor.Floats(Trees(model), "class_weights", weights => [.. weights.Select(weight => -weight)])),
        new(
            "the threshold moved by a bias", "flights/2", "metric.log_loss.champion",
            model => OnnxEditor.Floats(Trees(model), "base_values", values => [.. values.Select(value => value + 1.5f)])),
        new(
            "most of the trees lost", "flights/2", "metric.",
            model => OnnxEditor.Floats(
                Trees(model), "class_weights",
                weights => [.. weights.Select((weight, index) => index < weights.Length / 10 ? weight : 0)])),
        new(
            "the classes in another order", "penguins/1", "metric.",
            model => OnnxEditor.Texts(model.Node("LinearClassifier"), "classlabels_strings", names => [names[1], names[2], names[0]])),
        new("an activation left out", "digits/1", "metric.", model => model.Node("Relu").SetText(4, "Identity")),
        new("probabilities not normalised", "digits/1", "metric.log_loss", model => model.Node("Softmax").SetText(4, "Sigmoid")),
        new("overconfident probabilities", "digits/1", "metric.log_loss.champion", Overconfident),
        new("noise in the answers", "digits/1", "metric.", model =>
        {
            model.RenameOutput("add_result2", "quiet");
            model.Add("RandomNormalLike", ["quiet"], ["noise"]);
            model.AddFloats("loudness", [1], 8f);
            model.Add("Mul", ["noise", "loudness"], ["loud"]);
            model.Add("Add", ["quiet", "loud"], ["add_result2"]);
            Sort(model);
        }),
        new("NaN for one category", "penguins/1", "numbers", NaNForOneCategory),

        // Exports that differ from the trained model.
        new(
            "quantised to four bits", "digits/1", "golden_examples",
            model => model.Weights("coefficient1", weights => Quantise(weights, 8)), FaultCompanions.Examples),
        new(
            "weights cut to bfloat16", "digits/1", "golden_examples",
            model => model.Weights(
                "coefficient",
                weights => [
                    .. weights.Select(weight => BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(weight) & 0xFFFF0000))]),
            FaultCompanions.Examples),
        new(
            "an older model's weights", "penguins/1", "golden_examples",
            model => OnnxEditor.Floats(model.Node("LinearClassifier"), "coefficients", values => [.. values.Select(value => value * 0.9f)]),
            FaultCompanions.Examples),

        // Without labels and examples: only the log reveals the fault.
        new(
            "a bias moved, without validation data", "flights/1", "replay.disagreement",
            model => OnnxEditor.Floats(model.Node("LinearClassifier"), "intercepts", values => [values[0] - 2, values[1] + 2]),
            FaultCompanions.None),
        new(
            "pixels transposed, without validation data", "digits/1", "replay.disagreement",
            model => Permute(model, "coefficient", 64, pixel => ((pixel % 8) * 8) + (pixel / 8)), FaultCompanions.None),
        new("an error for categories that clients send", "flights/1", "replay.answers", model =>
        {
            OnnxEditor.Texts(model.Node("OneHotEncoder"), "cats_strings", names => names.Select(name => name == "ATL" ? "???" : name));
            OnnxEditor.Attribute(model.Node("OneHotEncoder"), "zeros", one => one.Set(3, 0));
        }, FaultCompanions.None),

        // Contract and cost.
        new("an input renamed", "penguins/1", "signature", model =>
        {
            model.Rewire("sex", "gender");
            model.Describe(isInput: true, "sex", value => value.SetText(1, "gender"));
        }, FaultCompanions.None),
        new(
            "an input of another type", "digits/1", "signature", model => model.Retype(isInput: true, "pixels", type: 11),
            FaultCompanions.None),
        new("an output removed", "penguins/1", "signature", model => model.RemoveOutput("label"), FaultCompanions.None),
        new("a slower graph", "flights/1", "latency_p95", Slow) { LatencyP95Ms = 1 },

        // Files that this runtime cannot load.
        new("an unknown operator", "penguins/1", "admission", model => model.Node("Normalizer").SetText(4, "Normaliser")),
        new("a future operator set", "penguins/1", "admission", model => model.Opset("", 99)),
        new("external data outside the folder", "digits/1", "admission", model => External(model, "../weights.bin")),
        new("external data not dropped", "digits/1", "admission", model => External(model, "weights.bin")),
        new("a graph with mismatched shapes", "digits/1", "data", model => model.Rewire("mul_result1", "mul_result")),
    ];

    /// <summary>Changes by an exporter that change no answer: never blocked.</summary>
    public static IReadOnlyList<SeededFault> Harmless { get; } =
    [
        new(
            "other node names", "flights/2", "", model => Each(model, (node, index) => node.SetText(3, $"renamed_{index}")),
            FaultCompanions.Labels | FaultCompanions.Examples),
        new("other names of intermediate values", "digits/1", "", model =>
        {
            model.RenameOutput("next_activations", "hidden");
            model.Rewire("next_activations", "hidden");
        }, FaultCompanions.Labels | FaultCompanions.Examples),
        new("a newer operator set", "penguins/2", "", model => model.Opset("", 18), FaultCompanions.Labels | FaultCompanions.Examples),
        new("another producer, with documentation", "flights/1", "", model =>
        {
            model.Model.SetText(2, "another exporter");
            model.Model.SetText(6, "A new export of the same model.");
            model.Graph.SetText(10, "The same graph.");
        }, FaultCompanions.Labels | FaultCompanions.Examples),
        new("identity nodes", "digits/1", "", model =>
        {
            model.RenameOutput("add_result1", "before");
            model.Add("Identity", ["before"], ["add_result1"]);
            Sort(model);
        }, FaultCompanions.Labels | FaultCompanions.Examples),
        new(
            "initializers in another order", "digits/1", "", model => model.Initializers.Reverse(),
            FaultCompanions.Labels | FaultCompanions.Examples),
    ];

    private static ProtoMessage Trees(OnnxEditor model) => model.Node("TreeEnsembleClassifier");

    private static void Swap(OnnxEditor model, string one, string other)
    {
        model.Rewire(one, "swapping");
        model.Rewire(other, one);
        model.Rewire("swapping", other);
    }

    /// <summary>Permutes the rows of a weight matrix, which changes the order of the inputs.</summary>
    private static void Permute(OnnxEditor model, string weights, int rows, Func<int, int> from) => model.Weights(weights, values =>
    {
        int width = values.Length / rows;
        return [.. Enumerable.Range(0, rows).SelectMany(row => values.AsSpan(from(row) * width, width).ToArray())];
    });

    private static void Overconfident(OnnxEditor model)
    {
        model.Weights("coefficient2", weights => [.. weights.Select(weight => weight * 20)]);
        model.Weights("intercepts2", weights => [.. weights.Select(weight => weight * 20)]);
    }

    private static float[] Quantise(float[] weights, int steps)
    {
        float largest = weights.Max(Math.Abs);
        return [.. weights.Select(weight => MathF.Round(weight / largest * steps) / steps * largest)];
    }

    /// <summary>Multiplies the numbers by (1 − o) / (1 − o), which is 1 where a category's column o is 0, and NaN where it is 1.</summary>
    private static void NaNForOneCategory(OnnxEditor model)
    {
        model.AddIntegers("which", [1], 2);
        model.AddFloats("one", [1], 1f);
        model.RenameOutput("variable", "numbers");
        model.Add("ArrayFeatureExtractor", ["variable1", "which"], ["column"], Ml);
        model.Add("Sub", ["one", "column"], ["rest"]);
        model.Add("Div", ["rest", "rest"], ["ratio"]);
        model.Add("Mul", ["numbers", "ratio"], ["variable"]);
        Sort(model);
    }

    /// <summary>Adds 0 × the maximum of a product of large matrices, which no optimiser can compute in advance.</summary>
    private static void Slow(OnnxEditor model)
    {
        model.AddIntegers("size", [2], 900, 900);
        model.AddFloats("zero", [1], 0f);
        model.RenameOutput("probabilities", "fast");
        model.Add("ReduceMax", ["fast"], ["largest"], "", ("keepdims", 0));
        model.Add("Expand", ["largest", "size"], ["matrix"]);
        model.Add("MatMul", ["matrix", "matrix"], ["product"]);
        model.Add("ReduceMax", ["product"], ["wasted"], "", ("keepdims", 0));
        model.Add("Mul", ["wasted", "zero"], ["nothing"]);
        model.Add("Add", ["fast", "nothing"], ["probabilities"]);
    }

    private static void External(OnnxEditor model, string location)
    {
        ProtoMessage tensor = model.Initializers.Single(one => one.Text(8) == "coefficient");
        tensor.Set(9);
        tensor.SetFloats(4, []);
        var entry = new ProtoMessage();
        entry.SetText(1, "location");
        entry.SetText(2, location);
        tensor.Set(13, entry.ToBytes());
        tensor.Set(14, 1);
    }

    private static void Each(OnnxEditor model, Action<ProtoMessage, int> change)
    {
        foreach ((int index, ProtoMessage node) in model.Nodes.Index())
        {
            change(node, index);
        }
    }

    /// <summary>Sorts nodes after those that they read from.</summary>
    private static void Sort(OnnxEditor model)
    {
        List<ProtoMessage> sorted = [];
        List<ProtoMessage> rest = [.. model.Nodes];
        while (rest.Count > 0)
        {
            HashSet<string> pending = [.. rest.SelectMany(OnnxEditor.Outputs)];
            ProtoMessage next = rest.First(node => !OnnxEditor.Inputs(node).Any(pending.Contains));
            sorted.Add(next);
            rest.Remove(next);
        }

        model.Nodes.Clear();
        model.Nodes.AddRange(sorted);
    }
}
