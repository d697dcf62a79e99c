using Microsoft.ML.OnnxRuntime;

namespace Modeldrop.Baseline;

/// <summary>A model with one input of 64 floats per row.</summary>
internal sealed class DigitsModel(string path) : IDisposable
{
    private static readonly string[] InputNames = ["pixels"];

    private readonly OnnxModel _model = new(path);

    public InferAnswer Score(DigitsRequest request)
    {
        DigitsInput pixels = request.Inputs[0];
        using OrtValue value = OrtValue.CreateTensorValueFromMemory(pixels.Data, pixels.Shape);
        return _model.Run("digits", request.Id, InputNames, [value]);
    }

    public void Dispose() => _model.Dispose();
}
