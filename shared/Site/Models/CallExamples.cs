using System.Text;

namespace Modeldrop.Site.Models;

/// <summary>Programs that call a model. They run unchanged, with its real names and values.</summary>
public static class CallExamples
{
    /// <param name="address">Address of the app, without a slash at the end.</param>
    public static string Curl(string address, string model, ModelExample example) =>
        $"curl -sS {address}{PathOf(model)} \\\n  -H 'Content-Type: application/json' \\\n  -d '"
        + example.Request().Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    /// <inheritdoc cref="Curl"/>
    public static string Python(string address, string model, ModelExample example)
    {
        var code = new StringBuilder("import requests\n\nrequest = {\"inputs\": [\n");
        foreach (ExampleInput input in example.Inputs)
        {
            // JSON texts are also Python texts; of the keywords only the booleans differ.
            string data = input.Spec.Datatype == Tensors.Datatype.Bool
                ? input.Json().Replace("true", "True", StringComparison.Ordinal).Replace("false", "False", StringComparison.Ordinal)
                : input.Json();
            code.Append("    {\"name\": ").Append(Text(input.Spec.Name))
                .Append(", \"shape\": [").AppendJoin(", ", input.Shape)
                .Append("], \"datatype\": ").Append(Text(Tensors.Datatypes.ProtocolName(input.Spec.Datatype)))
                .Append(", \"data\": ").Append(data).Append("},\n");
        }

        return code.Append("]}\nanswer = requests.post(").Append(Text(address + PathOf(model))).Append(", json=request)\n")
            .Append("answer.raise_for_status()\n")
            .Append("for output in answer.json()[\"outputs\"]:\n    print(output[\"name\"], output[\"data\"])\n").ToString();
    }

    /// <inheritdoc cref="Curl"/>
    public static string CSharp(string address, string model, ModelExample example)
    {
        string quotes = "\"\"\"";
        return "using System.Net.Http.Json;\nusing System.Text;\nusing System.Text.Json;\n\nusing var http = new HttpClient();\n"
            + $"using var request = new StringContent({quotes}\n{example.Request()}\n{quotes}, Encoding.UTF8, \"application/json\");\n"
            + $"using HttpResponseMessage response = await http.PostAsync({Text(address + PathOf(model))}, request);\n"
            + "response.EnsureSuccessStatusCode();\n"
            + "JsonElement answer = await response.Content.ReadFromJsonAsync<JsonElement>();\n"
            + "foreach (JsonElement output in answer.GetProperty(\"outputs\").EnumerateArray())\n{\n"
            + "    Console.WriteLine($\"{output.GetProperty(\"name\")} {output.GetProperty(\"data\")}\");\n}\n";
    }

    private static string PathOf(string model) => $"/v2/models/{Uri.EscapeDataString(model)}/infer";

    private static string Text(string text) => ExampleInput.Text(text);
}
