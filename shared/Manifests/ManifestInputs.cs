namespace Modeldrop.Manifests;

/// <summary>Reads <c>inputs</c> of a manifest.</summary>
internal static class ManifestInputs
{
    private const int MaxInputs = 10_000;
    private const int MaxColumns = 10_000;
    private const int MaxName = 512;

    public static IReadOnlyDictionary<string, ManifestInput> Read(ManifestFields fields)
    {
        Dictionary<string, ManifestInput> inputs = fields.Members(MaxInputs, MaxName).ToDictionary(
            name => name, name => new ManifestInput(fields.Object(name).Names("columns", MaxColumns, MaxName)), StringComparer.Ordinal);
        foreach (IGrouping<string, string> column in inputs.Values.SelectMany(input => input.Columns ?? [])
            .GroupBy(name => name, StringComparer.Ordinal).Where(column => column.Count() > 1))
        {
            fields.Violation<object>($"'inputs' names the column '{column.Key}' twice; a column can feed only one input.");
        }

        return inputs;
    }
}
