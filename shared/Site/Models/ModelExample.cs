using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Modeldrop.Tensors;

namespace Modeldrop.Site.Models;

/// <summary>Values of one input.</summary>
/// <param name="Shape">Shape of one row, without variable dimensions.</param>
/// <param name="Values">Values as a form shows them, row-major.</param>
public sealed record ExampleInput(TensorSpec Spec, IReadOnlyList<long> Shape, IReadOnlyList<string> Values)
{
    private const int MaxFields = 60;

    // Programs show letters unescaped; a page encodes what it shows.
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Whether each value has a field of its own; otherwise the reader edits a list.</summary>
    public bool HasFields => Values.Count <= MaxFields;

    /// <summary>The name of the value with that index.</summary>
    public string NameOf(int element) => Values.Count == 1 && Spec.Columns is null ? Spec.Name : Spec.ColumnName(element);

    /// <summary>The values as a JSON list.</summary>
    public string Json() => $"[{string.Join(", ", Values.Select(JsonOf))}]";

    /// <summary>A text in quotes, as JSON, Python and C# write it.</summary>
    internal static string Text(string text) => JsonSerializer.Serialize(text, Readable);

    private string JsonOf(string value) => Spec.Datatype switch
    {
        Datatype.Bytes => Text(value),
        Datatype.Bool => value is "true" or "True" or "1" ? "true" : "false",
        _ => double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)
            ? value : "0",
    };
}

/// <summary>Example values for a request to a version.</summary>
/// <param name="Source">Source of the values: <c>the golden examples</c>; null: invented.</param>
public sealed record ModelExample(IReadOnlyList<ExampleInput> Inputs, string? Source)
{
    /// <summary>The request for the Open Inference Protocol, indented.</summary>
    public string Request() =>
        "{\n  \"inputs\": [\n"
        + string.Join(",\n", Inputs.Select(input =>
            $"    {{\"name\": {ExampleInput.Text(input.Spec.Name)}, \"shape\": [{string.Join(", ", input.Shape)}], "
                + $"\"datatype\": \"{input.Spec.Datatype.ProtocolName()}\", \"data\": {input.Json()}}}"))
        + "\n  ]\n}";
}
