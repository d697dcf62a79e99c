using System.Globalization;
using System.Text.Json;
using Modeldrop.Tabular;
using Modeldrop.Tensors;

namespace Modeldrop.Probe;

/// <summary>
/// Reads a JSON tensor of the Open Inference Protocol, nested or flat. There are few examples, so simplicity matters more than speed.
/// </summary>
internal static class ExampleTensor
{
    private const int MaxDepth = 32;

    /// <exception cref="FormatException">The message describes the violation.</exception>
    public static Tensor Parse(JsonElement tensor)
    {
        string name = Text(tensor, "name");
        Datatype datatype = Datatypes.Find(Text(tensor, "datatype")) ?? throw new FormatException(
            $"tensor '{name}' has no known datatype.");
        long[] shape = Shape(tensor, name);
        if (!tensor.TryGetProperty("data", out JsonElement data))
        {
            throw new FormatException($"tensor '{name}' has no data.");
        }

        List<JsonElement> elements = [];
        Flatten(data, elements, 0);
        double expected = shape.Aggregate(1.0, (product, dimension) => product * dimension);
        if (elements.Count != expected)
        {
            throw new FormatException(
                $"tensor '{name}' has {elements.Count} elements, but its shape [{string.Join(",", shape)}] takes {expected:N0}.");
        }

        return datatype == Datatype.Bytes
            ? Tensor.OfStrings(name, shape, [.. elements.Select(element => String(element, name))])
            : Numbers(name, datatype, shape, elements);
    }

    private static string Text(JsonElement tensor, string member) =>
        tensor.ValueKind == JsonValueKind.Object
            && tensor.TryGetProperty(member, out JsonElement value)
            && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw new FormatException($"a tensor has no '{member}'.");

    private static long[] Shape(JsonElement tensor, string name)
    {
        if (tensor.TryGetProperty("shape", out JsonElement shape) && shape.ValueKind == JsonValueKind.Array
            && shape.EnumerateArray().All(
                dimension => dimension.ValueKind == JsonValueKind.Number && dimension.TryGetInt64(out long size) && size >= 0))
        {
            return [.. shape.EnumerateArray().Select(dimension => dimension.GetInt64())];
        }

        throw new FormatException($"tensor '{name}' needs a shape of sizes of 0 or more.");
    }

    private static void Flatten(JsonElement data, List<JsonElement> elements, int depth)
    {
        if (data.ValueKind != JsonValueKind.Array || depth > MaxDepth)
        {
            elements.Add(data);
            return;
        }

        foreach (JsonElement element in data.EnumerateArray())
        {
            Flatten(element, elements, depth + 1);
        }
    }

    private static string String(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.String
            ? element.GetString()!
            : throw new FormatException($"tensor '{name}' has an element that is not a string.");

    private static Tensor Numbers(string name, Datatype datatype, long[] shape, List<JsonElement> elements)
    {
        int size = datatype.ElementBytes();
        var bytes = new byte[elements.Count * size];
        for (int index = 0; index < elements.Count; index++)
        {
            string? text = elements[index].ValueKind switch
            {
                JsonValueKind.Null => null,
                JsonValueKind.String => elements[index].GetString(),
                _ => elements[index].GetRawText(),
            };
            if (CellParser.Write(datatype, text, bytes.AsSpan(index * size, size)) is { } problem)
            {
                throw new FormatException($"tensor '{name}', element {index.ToString(CultureInfo.InvariantCulture)}: {problem}.");
            }
        }

        return Tensor.OfBytes(name, datatype, shape, bytes);
    }
}
