using System.Text.Json;
using Modeldrop.Errors;
using Modeldrop.Tabular;
using Modeldrop.Tensors;

namespace Modeldrop.Probe.Child;

/// <summary>
/// Reads the files beside a model and compares them with the signature. In the child, a file that uses up all time or memory harms nothing
/// else.
/// </summary>
internal sealed class CompanionReader(string modelFolder, string workFolder, TableLimits limits)
{
    /// <summary>Limit per file; together with the count of the others, they form one error.</summary>
    private const int MaxViolations = ErrorText.MaxItems - 1;

    private const int RowsAtOnce = 65_536;

    /// <summary>Column names are stored in the data set's row of a table, which holds 1 MiB.</summary>
    private const int MaxColumnsBytes = 512 * 1024;

    /// <summary>Stored in the same row as the names.</summary>
    internal const int MaxProfileBytes = 256 * 1024;

    private readonly List<DataFile> _dataFiles = [];
    private readonly List<string> _violations = [];

    /// <summary>The model's signature, with the column names from the first file; null: the model is rejected.</summary>
    public Signature? Signature { get; private set; }

    /// <param name="signature">Null when the model is rejected: data files are then not compared with it.</param>
    public async Task<CompanionFindings> ReadAsync(Signature? signature, LabelChoice labels, CancellationToken cancellationToken)
    {
        Signature = signature;
        foreach (string name in (string[])[CompanionFiles.Reference, CompanionFiles.Validation])
        {
            if (CompanionFiles.FindData(modelFolder, name) is { } path)
            {
                await CheckAsync(path, () => ReadTableAsync(path, labels, isDataset: name == CompanionFiles.Reference, cancellationToken));
            }
        }

        if (CompanionFiles.Find(modelFolder, CompanionFiles.Examples) is { } examples)
        {
            await CheckAsync(examples, async () =>
            {
                await GoldenExample.ReadAsync(examples, cancellationToken);
                return [];
            });
        }

        return new CompanionFindings(_dataFiles, _violations);
    }

    /// <summary>Reads a data set without a model.</summary>
    public async Task<CompanionFindings> ReadDatasetAsync(string path, CancellationToken cancellationToken)
    {
        await CheckAsync(path, () => ReadTableAsync(path, new LabelChoice(), isDataset: true, cancellationToken));
        return new CompanionFindings(_dataFiles, _violations);
    }

    private async Task CheckAsync(string path, Func<Task<IReadOnlyList<string>>> read)
    {
        string file = Path.GetFileName(path);
        ProbeStep.Begin(workFolder, file);
        IReadOnlyList<string> found;
        try
        {
            found = await read();
        }
        catch (ServiceException exception)
        {
            found = exception.Violations;
        }
        catch (OutOfMemoryException)
        {
            found = ["needs more memory than the limit allows."];
        }
        // The process boundary: any exception that a hostile file causes is a finding about the file.
        catch (Exception exception)
        {
            found = [$"cannot be read ({exception.GetType().Name}): {exception.Message}"];
        }

        _violations.AddRange(found.Take(MaxViolations + 1).Select(violation => WithName(file, violation)));
        if (found.Count > MaxViolations + 1)
        {
            _violations.Add($"{file}: {found.Count - MaxViolations - 1:N0} more of the kind.");
        }

        ProbeStep.End(workFolder);
    }

    private async Task<IReadOnlyList<string>> ReadTableAsync(
        string path, LabelChoice labels, bool isDataset, CancellationToken cancellationToken)
    {
        Table table = await TableReader.ReadAsync(path, limits, cancellationToken, isDataset || Signature is null ? null : Choose);
        if (table.Rows == 0)
        {
            return ["has no rows."];
        }

        string[] columns = [.. table.Columns.Select(column => column.Name)];
        if (JsonSerializer.SerializeToUtf8Bytes(columns, ProbeJson.Options).Length > MaxColumnsBytes)
        {
            return [$"the names of its {columns.Length:N0} columns take more than {MaxColumnsBytes:N0} bytes, which is the limit."];
        }

        _dataFiles.Add(new DataFile(Path.GetFileName(path), table.Rows, columns, isDataset ? [.. Profile(table)] : null));
        if (Signature is null)
        {
            return [];
        }

        Signature = InputColumns.Find(Signature, table, labels);
        return Violations(table, ColumnMapping.Create(Signature, table, mayLackScalars: true));

        // All columns, if their values decide which are needed.
        IEnumerable<string> Choose(Table header) => InputColumns.IsNameless(Signature, header)
            ? header.Columns.Where(column => column.Problem is null).Select(column => column.Name)
            : ColumnMapping.Create(Signature, header, mayLackScalars: true).Columns;
    }

    private static IEnumerable<ColumnProfile> Profile(Table table)
    {
        int bytes = 0;
        foreach (TableColumn column in table.Columns.Where(column => column.IsRead))
        {
            ColumnProfile profile = ColumnProfile.Of(column);
            bytes += JsonSerializer.SerializeToUtf8Bytes(profile, ProbeJson.Options).Length;
            if (bytes > MaxProfileBytes)
            {
                yield break;
            }

            yield return profile;
        }
    }

    private static List<string> Violations(Table table, ColumnMapping mapping)
    {
        List<string> violations = [];
        var gaps = new SortedSet<string>(StringComparer.Ordinal);
        int kept = 0;
        long more = 0;
        for (int start = 0; start < table.Rows; start += RowsAtOnce)
        {
            MappedRows rows = mapping.Read(start, Math.Min(RowsAtOnce, table.Rows - start), MaxViolations - violations.Count,
                leavesGapsOut: true);
            kept += rows.Kept.Count;
            gaps.UnionWith(rows.Gaps.Keys);
            violations.AddRange(rows.Violations.Select(violation => violation.ToString()));
            more += rows.ViolationCount - rows.Violations.Count;
        }

        if (more > 0)
        {
            violations.Add($"{more:N0} more values do not fit.");
        }

        if (kept == 0)
        {
            string names = string.Join(", ", gaps.Take(5).Select(name => $"'{name}'"));
            violations.Add($"no row can be scored: each lacks a value for an integer or a boolean ({names}).");
        }

        return violations;
    }

    /// <summary>Some readers name the file themselves.</summary>
    private static string WithName(string file, string violation) =>
        violation.Contains($"'{file}'", StringComparison.Ordinal) || violation.StartsWith(file, StringComparison.Ordinal)
            ? violation
            : $"{file}: {violation}";
}
