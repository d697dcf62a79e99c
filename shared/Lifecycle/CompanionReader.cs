using Microsoft.Extensions.Options;
using Modeldrop.Errors;
using Modeldrop.Probe;
using Modeldrop.Registry;
using Modeldrop.Tabular;
using Modeldrop.Tensors;

namespace Modeldrop.Lifecycle;

/// <summary>The readable companions of a drop.</summary>
/// <param name="Reference">Null when there is no reference data set.</param>
public sealed record Companions(Manifest Manifest, ReferenceFile? Reference);

/// <param name="File">Its name among the files of the version.</param>
public sealed record ReferenceFile(string File, long Rows, IReadOnlyList<string> Columns);

/// <summary>What was found out about a staged drop before it became a version: <c>staging/&lt;operation&gt;/inspection.json</c>.</summary>
public sealed record StagedInspection(ModelInspection Inspection, Manifest Manifest, ReferenceFile? Reference)
{
    public const string FileName = "inspection.json";
}

/// <summary>Reads the files beside a model and holds them against its signature.</summary>
public sealed class CompanionReader(IOptions<ProbeOptions> options)
{
    private const string ManifestFile = "model.json";
    private const string ExamplesFile = "examples.json";

    /// <param name="signature">Null when the model could not be inspected: then data files are not held against it.</param>
    /// <returns>The companions, or everything that is wrong with them.</returns>
    public async Task<(Companions? Companions, IReadOnlyList<string> Violations)> ReadAsync(string folder, Signature? signature, CancellationToken cancellationToken)
    {
        var violations = new List<string>();
        Manifest? manifest = await ReadManifestAsync(Path.Combine(folder, ManifestFile), violations, cancellationToken);
        ReferenceFile? reference = await ReadTableAsync(folder, "reference", signature, violations, cancellationToken);
        await ReadTableAsync(folder, "validation", signature, violations, cancellationToken);
        await ReadExamplesAsync(Path.Combine(folder, ExamplesFile), violations, cancellationToken);
        return violations.Count == 0 && manifest is not null ? (new Companions(manifest, reference), []) : (null, violations);
    }

    private static async Task<Manifest?> ReadManifestAsync(string path, List<string> violations, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            return new Manifest();
        }

        ManifestReading reading = ManifestReader.Read(await File.ReadAllBytesAsync(path, cancellationToken));
        violations.AddRange(reading.Violations.Select(violation => $"{ManifestFile}: {violation}"));
        return reading.Manifest;
    }

    private async Task<ReferenceFile?> ReadTableAsync(
        string folder, string name, Signature? signature, List<string> violations, CancellationToken cancellationToken)
    {
        string? file = TableReader.Extensions.Select(extension => name + extension).FirstOrDefault(candidate => File.Exists(Path.Combine(folder, candidate)));
        if (file is null)
        {
            return null;
        }

        try
        {
            var limits = new TableLimits(options.Value.MaxRows, options.Value.MaxCells);
            Table table = await TableReader.ReadAsync(Path.Combine(folder, file), limits, cancellationToken);
            if (signature is not null)
            {
                MappedRows rows = ColumnMapping.Create(signature, table).Read(0, table.Rows);
                violations.AddRange(rows.Violations.Select(violation => $"{file}: {violation}"));
                if (rows.ViolationCount > rows.Violations.Count)
                {
                    violations.Add($"{file}: {rows.ViolationCount - rows.Violations.Count:N0} more values do not fit.");
                }
            }

            return new ReferenceFile(file, table.Rows, [.. table.Columns.Select(column => column.Name)]);
        }
        catch (ServiceException exception)
        {
            violations.AddRange(exception.Violations.Select(violation => $"{file}: {violation}"));
            return null;
        }
    }

    private static async Task ReadExamplesAsync(string path, List<string> violations, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            return;
        }

        try
        {
            await GoldenExample.ReadAsync(path, cancellationToken);
        }
        catch (ServiceException exception)
        {
            violations.AddRange(exception.Violations);
        }
    }
}
