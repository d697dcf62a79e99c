using Microsoft.ML.OnnxRuntime;

namespace Modeldrop.Baseline;

/// <summary>A classifier with the outputs <c>label</c> and <c>probabilities</c>.</summary>
internal sealed class OnnxModel : IDisposable
{
    private static readonly string[] OutputNames = ["label", "probabilities"];

    private readonly InferenceSession _session;
    private readonly RunOptions _options = new();

    public OnnxModel(string path)
    {
        // Requests run in parallel, so threads within a request would only slow down the others.
        using var options = new Microsoft.ML.OnnxRuntime.SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        _session = new InferenceSession(path, options);
    }

    public InferAnswer Run(string model, string? id, string[] names, OrtValue[] values)
    {
        using IDisposableReadOnlyCollection<OrtValue> results = _session.Run(_options, names, values, OutputNames);
        return new InferAnswer(model, id,
        [
            new LabelOutput("label", "INT64", results[0].GetTensorTypeAndShape().Shape, results[0].GetTensorDataAsSpan<long>().ToArray()),
            new ProbabilitiesOutput(
                "probabilities", "FP32", results[1].GetTensorTypeAndShape().Shape, results[1].GetTensorDataAsSpan<float>().ToArray()),
        ]);
    }

    public void Dispose()
    {
        _session.Dispose();
        _options.Dispose();
    }
}
