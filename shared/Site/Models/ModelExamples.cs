using System.Text.Json;
using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Tabular;
using Modeldrop.Tensors;

namespace Modeldrop.Site.Models;

/// <summary>
/// Finds example values for a request to a version: its golden example, otherwise the first row of its reference data, otherwise zeros.
/// </summary>
public sealed class ModelExamples(VersionStore versions)
{
    private const string GoldenFile = "examples.json";
    private const string ReferenceFile = "reference.csv";
    private const int MaxGoldenBytes = 256 * 1024;
    private const int HeadBytes = 64 * 1024;
    private const int MaxElements = 4_096;

    /// <summary>Reads each of the two files at most once.</summary>
    public async Task<ModelExample> FindAsync(ModelVersion version, CancellationToken cancellationToken) =>
        await FindGoldenAsync(version, cancellationToken)
        ?? await FindReferenceAsync(version, cancellationToken)
        ?? new ModelExample([.. version.Inspection.Signature.Inputs.Where(input => !input.Optional).Select(Zeros)], null);

    private async Task<ModelExample?> FindGoldenAsync(ModelVersion version, CancellationToken cancellationToken)
    {
        if (version.FindFile(GoldenFile) is not { Bytes: <= MaxGoldenBytes } file)
        {
            return null;
        }

        using JsonDocument examples = JsonDocument.Parse(await ReadAsync(version, file, MaxGoldenBytes, cancellationToken));
        if (examples.RootElement.ValueKind != JsonValueKind.Array || examples.RootElement.GetArrayLength() == 0
            || !examples.RootElement[0].TryGetProperty("request", out JsonElement request)
            || !request.TryGetProperty("inputs", out JsonElement inputs))
        {
            return null;
        }

        List<ExampleInput> found = [];
        foreach (JsonElement input in inputs.EnumerateArray())
        {
            if (version.Inspection.Signature.FindInput(input.GetProperty("name").GetString()!) is not { } spec
                || !input.TryGetProperty("data", out JsonElement data))
            {
                return null;
            }

            string[] values = [.. Flat(data)];
            long[] shape = [.. input.GetProperty("shape").EnumerateArray().Select(dimension => dimension.GetInt64())];
            found.Add(FirstRow(spec, shape, values));
        }

        return found.Exists(input => input.Values.Count > MaxElements) ? null : new ModelExample(found, "the version's golden example");
    }

    private async Task<ModelExample?> FindReferenceAsync(ModelVersion version, CancellationToken cancellationToken)
    {
        if (version.FindFile(ReferenceFile) is not { } file)
        {
            return null;
        }

        byte[] head = await ReadAsync(version, file, HeadBytes, cancellationToken);
        int end = file.Bytes > head.Length ? Array.LastIndexOf(head, (byte)'\n') + 1 : head.Length;
        try
        {
            Table table = await TableReader.ReadCsvAsync(
                new MemoryStream(head, 0, end), ReferenceFile, TableLimits.Default, cancellationToken);
            Signature signature = version.Inspection.Signature;
            MappedRows rows = ColumnMapping.Create(signature, table).Read(0, 1);
            return new ModelExample(
                [.. rows.Inputs.Select(input => new ExampleInput(
                    signature.FindInput(input.Name)!, rows.Scalars.Contains(input.Name) ? [] : [.. input.Shape],
                    [.. Enumerable.Range(0, (int)input.Count).Select(element => TensorText.Of(input, element))]))],
                "the first row of the reference data");
        }
        catch (ServiceException)
        {
            // The start of the file ends within a quoted text, or its columns do not map: there is no row to show.
            return null;
        }
    }

    private async Task<byte[]> ReadAsync(ModelVersion version, VersionFile file, int maxBytes, CancellationToken cancellationToken)
    {
        await using Stream content = await versions.ReadAsync(
            new VersionName(version.Model, version.Number), file.StoredAt ?? file.Path, cancellationToken);
        byte[] head = new byte[(int)Math.Min(maxBytes, file.Bytes)];
        int read = await content.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken);
        return head[..read];
    }

    private static IEnumerable<string> Flat(JsonElement data) => data.ValueKind == JsonValueKind.Array
        ? data.EnumerateArray().SelectMany(Flat)
        : [data.ValueKind == JsonValueKind.String ? data.GetString()! : data.GetRawText()];

    /// <summary>A golden example may have many rows, but a form has one.</summary>
    private static ExampleInput FirstRow(TensorSpec spec, long[] shape, string[] values)
    {
        if (shape is not [> 1 and var rows, ..] || !spec.HasBatchDimension || values.Length % rows != 0)
        {
            return new ExampleInput(spec, shape, values);
        }

        return new ExampleInput(spec, [1, .. shape[1..]], values[..(int)(values.Length / rows)]);
    }

    private static ExampleInput Zeros(TensorSpec spec)
    {
        long[] shape = [.. spec.Shape.Select(dimension => dimension < 0 ? 1 : dimension)];
        long elements = shape.Aggregate(1L, (product, dimension) => product * dimension);
        string zero = spec.Datatype switch
        {
            Datatype.Bytes => "",
            Datatype.Bool => "false",
            _ => "0",
        };
        return new ExampleInput(spec, shape, [.. Enumerable.Repeat(zero, (int)Math.Min(elements, MaxElements))]);
    }
}
