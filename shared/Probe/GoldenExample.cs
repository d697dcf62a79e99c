using System.Text.Json;
using Modeldrop.Errors;
using Modeldrop.Tensors;

namespace Modeldrop.Probe;

/// <summary>A request and the answer that the model must give: an entry of <c>examples.json</c>.</summary>
/// <param name="Absolute">
/// Numpy's <c>atol</c>, in the output's unit: a number may differ by it plus <paramref name="Relative"/> times the expected number.
/// </param>
/// <param name="Relative">Numpy's <c>rtol</c>.</param>
public sealed record GoldenExample(IReadOnlyList<Tensor> Inputs, IReadOnlyList<Tensor> Outputs, double Absolute, double Relative)
{
    /// <summary>For both: floats have seven digits, and a graph loses some of them.</summary>
    public const double DefaultTolerance = 1e-5;

    /// <summary>A larger tolerance would accept any answer.</summary>
    private const double MaxTolerance = 1_000_000;

    private static readonly string[] Members = ["request", "response", "tolerance", "rtol", "atol"];

    private const int MaxExamples = 1_000;

    private const long MaxFileBytes = 16 * 1024 * 1024;

    /// <summary>Reads <c>[{"request": {"inputs": […]}, "response": {"outputs": […]}, "rtol": 1e-5, "atol": 1e-5}]</c>.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.InvalidRequest"/> with all violations in the file.</exception>
    public static async Task<IReadOnlyList<GoldenExample>> ReadAsync(string path, CancellationToken cancellationToken)
    {
        if (new FileInfo(path).Length > MaxFileBytes)
        {
            throw new ServiceException(ErrorCode.InvalidRequest, $"examples.json is larger than {MaxFileBytes:N0} bytes.");
        }

        try
        {
            await using FileStream file = File.OpenRead(path);
            using JsonDocument document = await JsonDocument.ParseAsync(file, cancellationToken: cancellationToken);
            return Parse(document.RootElement);
        }
        catch (JsonException exception)
        {
            throw new ServiceException(ErrorCode.InvalidRequest, $"examples.json is not JSON: {exception.Message}", exception);
        }
    }

    private static List<GoldenExample> Parse(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Array || root.GetArrayLength() > MaxExamples)
        {
            throw new ServiceException(ErrorCode.InvalidRequest, $"examples.json must be a list of at most {MaxExamples:N0} examples.");
        }

        List<GoldenExample> examples = [];
        List<string> violations = [];
        foreach ((int index, JsonElement entry) in root.EnumerateArray().Index())
        {
            int before = violations.Count;
            violations.AddRange(Unknown(entry, index));
            List<Tensor> inputs = Tensors(entry, "request", "inputs", index, violations);
            List<Tensor> outputs = Tensors(entry, "response", "outputs", index, violations);
            double? tolerance = Tolerance(entry, "tolerance", index, violations);
            double? absolute = Tolerance(entry, "atol", index, violations);
            double? relative = Tolerance(entry, "rtol", index, violations);
            if (tolerance is not null && absolute is not null)
            {
                violations.Add($"Example {index}: 'tolerance' and 'atol' are the same; state one of them.");
            }

            if (violations.Count == before)
            {
                // An explicit 0 requires exactly the same number.
                absolute ??= tolerance ?? DefaultTolerance;
                examples.Add(new GoldenExample(inputs, outputs, absolute.Value, relative ?? (absolute == 0 ? 0 : DefaultTolerance)));
            }
        }

        return violations.Count == 0 ? examples : throw new ServiceException(ErrorCode.InvalidRequest, violations);
    }

    private static double? Tolerance(JsonElement entry, string member, int index, List<string> violations)
    {
        if (entry.ValueKind != JsonValueKind.Object || !entry.TryGetProperty(member, out JsonElement stated))
        {
            return null;
        }

        if (stated.ValueKind == JsonValueKind.Number && stated.TryGetDouble(out double tolerance) && tolerance is >= 0 and <= MaxTolerance)
        {
            return tolerance;
        }

        violations.Add($"Example {index}: '{member}' is not a number from 0 to {MaxTolerance:N0}.");
        return null;
    }

    // A misspelt tolerance would otherwise be ignored, and the default applied.
    private static IEnumerable<string> Unknown(JsonElement entry, int index) =>
        entry.ValueKind != JsonValueKind.Object ? []
        : from member in entry.EnumerateObject()
          where !Members.Contains(member.Name)
          select $"Example {index}: '{member.Name}' is unknown; "
              + (Suggestion.Find(member.Name, Members) is { } meant
                  ? $"did you mean '{meant}'?"
                  : $"the members are {string.Join(", ", Members.Select(member => $"'{member}'"))}.");

    private static List<Tensor> Tensors(JsonElement entry, string part, string list, int index, List<string> violations)
    {
        if (entry.ValueKind != JsonValueKind.Object
            || !entry.TryGetProperty(part, out JsonElement body)
            || body.ValueKind != JsonValueKind.Object
            || !body.TryGetProperty(list, out JsonElement tensors)
            || tensors.ValueKind != JsonValueKind.Array
            || tensors.GetArrayLength() == 0)
        {
            violations.Add($"Example {index}: '{part}.{list}' must be a list of tensors.");
            return [];
        }

        List<Tensor> parsed = [];
        foreach (JsonElement tensor in tensors.EnumerateArray())
        {
            try
            {
                parsed.Add(ExampleTensor.Parse(tensor));
            }
            catch (FormatException exception)
            {
                violations.Add($"Example {index}, {part}: {exception.Message}");
            }
        }

        return parsed;
    }
}
