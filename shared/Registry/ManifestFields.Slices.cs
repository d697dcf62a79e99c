using System.Text.Json;

namespace Modeldrop.Registry;

internal sealed partial class ManifestFields
{
    /// <summary>Lists of one or two different texts, none of them twice; null when absent or when one of them is something else.</summary>
    public IReadOnlyList<IReadOnlyList<string>>? Slices(string name, int maxCount)
    {
        if (Take(name) is not { } element)
        {
            return null;
        }

        if (element.ValueKind != JsonValueKind.Array)
        {
            return Wrong<IReadOnlyList<IReadOnlyList<string>>>(name, element, "a list of lists of one or two inputs");
        }

        if (element.GetArrayLength() > maxCount)
        {
            return Violation<IReadOnlyList<IReadOnlyList<string>>>(
                $"'{Path(name)}' has {element.GetArrayLength()} entries; at most {maxCount} are accepted.");
        }

        var slices = new List<IReadOnlyList<string>>();
        foreach (JsonElement item in element.EnumerateArray())
        {
            string[] inputs = item.ValueKind == JsonValueKind.Array
                ? [.. item.EnumerateArray().Select(input => input.ValueKind == JsonValueKind.String ? input.GetString()! : "")] : [];
            if (inputs.Length is 0 or > 2 || inputs.Contains("") || inputs.Distinct().Count() < inputs.Length)
            {
                return Violation<IReadOnlyList<IReadOnlyList<string>>>(
                    $"'{Path(name)}' holds {Kind(item)}; each entry is a list of one or two inputs, such as [\"origin\", \"dest\"].");
            }

            if (slices.Any(known => known.SequenceEqual(inputs)))
            {
                return Violation<IReadOnlyList<IReadOnlyList<string>>>(
                    $"'{Path(name)}' holds [{string.Join(", ", inputs)}] twice.");
            }

            slices.Add(inputs);
        }

        return slices;
    }
}
