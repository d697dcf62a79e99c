using System.Text.Json;
using Microsoft.ML.OnnxRuntime;

namespace Modeldrop.Baseline;

/// <summary>A model with two integers, a float and two strings per row.</summary>
internal sealed class FlightsModel(string path) : IDisposable
{
    private readonly OnnxModel _model = new(path);

    public InferAnswer Score(FlightsRequest request)
    {
        var names = new string[request.Inputs.Length];
        var values = new OrtValue[request.Inputs.Length];
        try
        {
            for (int i = 0; i < values.Length; i++)
            {
                names[i] = request.Inputs[i].Name;
                values[i] = Value(request.Inputs[i]);
            }

            return _model.Run("flights", request.Id, names, values);
        }
        finally
        {
            foreach (OrtValue? value in values)
            {
                value?.Dispose();
            }
        }
    }

    private static OrtValue Value(FlightsInput input) => input.Datatype switch
    {
        "INT64" => OrtValue.CreateTensorValueFromMemory(Elements(input.Data, element => element.GetInt64()), input.Shape),
        "FP32" => OrtValue.CreateTensorValueFromMemory(Elements(input.Data, element => element.GetSingle()), input.Shape),
        _ => Strings(Elements(input.Data, element => element.GetString()!), input.Shape),
    };

    private static OrtValue Strings(string[] texts, long[] shape)
    {
        OrtValue value = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, shape);
        for (int i = 0; i < texts.Length; i++)
        {
            value.StringTensorSetElementAt(texts[i].AsSpan(), i);
        }

        return value;
    }

    private static T[] Elements<T>(JsonElement data, Func<JsonElement, T> read)
    {
        var elements = new T[data.GetArrayLength()];
        int index = 0;
        foreach (JsonElement element in data.EnumerateArray())
        {
            elements[index++] = read(element);
        }

        return elements;
    }

    public void Dispose() => _model.Dispose();
}
