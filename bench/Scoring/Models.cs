using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Modeldrop.ScoringBench;

/// <summary>Registers models with the app as a user does, and builds requests for them.</summary>
internal static class Models
{
    public const string Digits = "digits";
    public const string Flights = "flights";

    /// <summary>Registers a model under a name; returns when it answers.</summary>
    /// <param name="logging">The manifest's <c>logging</c>.</param>
    /// <param name="sample">
    /// The sample whose manifest, examples and data are dropped with the model, as a user would. Validation uses them, for example to prove
    /// that requests may be joined.
    /// </param>
    public static async Task<Target> RegisterAsync(
        Server app, string name, byte[] model, JsonObject logging, byte[] request, string? sample = null)
    {
        Dictionary<string, byte[]> files = sample is null ? [] : Package(sample, VersionOf(sample));
        JsonObject manifest = files.TryGetValue("model.json", out byte[]? given) ? JsonNode.Parse(given)!.AsObject() : [];
        manifest["logging"] = logging.DeepClone();
        files["model.json"] = Encoding.UTF8.GetBytes(manifest.ToJsonString());
        files["model.onnx"] = model;
        using MultipartFormDataContent content = Form(files);
        using HttpResponseMessage response = await app.Http.PostAsync($"api/models/{name}/versions", content);
        response.EnsureSuccessStatusCode();
        string operation = response.Headers.Location!.ToString();
        while (true)
        {
            JsonElement state = JsonDocument.Parse(await app.Http.GetStringAsync(operation)).RootElement;
            string status = state.GetProperty("status").GetString()!;
            if (status.Equals("completed", StringComparison.OrdinalIgnoreCase))
            {
                break;
            }

            if (status is not ("running" or "Running" or "pending" or "Pending"))
            {
                throw new InvalidOperationException($"{name} was not registered: {state}");
            }

            await Task.Delay(100);
        }

        Target target = Target.Of(name, app, request);
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                await target.ScoreAsync();
                return target;
            }
            catch (InvalidOperationException) when (attempt < 100)
            {
                await Task.Delay(100);
            }
        }
    }

    /// <summary>The files of a sample's version, as in one folder.</summary>
    public static Dictionary<string, byte[]> Package(string sample, string version)
    {
        string[] paths =
        [
            Repository.Sample(sample, "reference.csv"),
            Repository.Sample(sample, "validation.csv"),
            .. Directory.GetFiles(Repository.Sample(sample, version)),
        ];
        return paths.ToDictionary(path => Path.GetFileName(path), File.ReadAllBytes);
    }

    /// <summary>The form for <c>POST …/versions</c>: one part per file, under its name.</summary>
    public static MultipartFormDataContent Form(Dictionary<string, byte[]> files)
    {
        var form = new MultipartFormDataContent();
        foreach ((string name, byte[] content) in files)
        {
            form.Add(new ByteArrayContent(content), name, name);
        }

        return form;
    }

    public static byte[] ModelOf(string sample) => File.ReadAllBytes(Repository.Sample(sample, VersionOf(sample), "model.onnx"));

    public static string VersionOf(string sample) => sample == Digits ? "1" : "2";

    /// <summary>A request with one row, from the sample's first golden example.</summary>
    public static byte[] RowOf(string sample)
    {
        JsonNode example = JsonNode.Parse(
            File.ReadAllBytes(Repository.Sample(sample, VersionOf(sample), "examples.json")))![0]!["request"]!;
        foreach (JsonNode? input in example["inputs"]!.AsArray())
        {
            JsonArray shape = input!["shape"]!.AsArray();
            int elements = shape.Skip(1).Aggregate(1, (product, dimension) => product * dimension!.GetValue<int>());
            shape[0] = 1;
            JsonArray data = input["data"]!.AsArray();
            while (data.Count > elements)
            {
                data.RemoveAt(elements);
            }
        }

        return Encoding.UTF8.GetBytes(example.ToJsonString());
    }
}
