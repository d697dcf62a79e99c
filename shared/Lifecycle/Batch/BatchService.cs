using System.Globalization;
using Modeldrop.Drops;
using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Tabular;
using Modeldrop.Tensors;

namespace Modeldrop.Lifecycle.Batch;

/// <summary>The steps of a batch. Each may be repeated: the plan is kept, and a chunk's answers replace themselves.</summary>
public sealed class BatchService(RegistryService registry, VersionStore versions, DropStaging staging, BatchFiles files, BatchScorer scorer)
{
    // A part is read, scored and written in memory.
    private const long MinChunkBytes = 1024 * 1024;
    private const long MaxChunkBytes = 32 * 1024 * 1024;
    private const int Chunks = 500;
    private const int MaxKept = 100;

    private static readonly Dictionary<string, TableFormat> Extensions = new(StringComparer.OrdinalIgnoreCase)
    {
        [".csv"] =
            TableFormat.Csv, [".parquet"] = TableFormat.Parquet, [".jsonl"] = TableFormat.JsonLines, [".ndjson"] = TableFormat.JsonLines,
    };

    /// <summary>Validates the request against the model's versions and the container's files.</summary>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.InvalidRequest"/> with all violations; <see cref="ErrorCode.FileNotFound"/>;
    /// <see cref="ErrorCode.ModelNotFound"/>; <see cref="ErrorCode.VersionNotFound"/>; <see cref="ErrorCode.VersionNotReady"/>.
    /// </exception>
    public async Task<BatchInput> CheckAsync(ModelName model, BatchRequest request, CancellationToken cancellationToken)
    {
        ModelHead head = await registry.GetAsync(model, cancellationToken);
        List<string> violations = [];
        if (string.IsNullOrWhiteSpace(request.Input))
        {
            violations.Add("'input' must be the path of a blob in the container 'batch', such as \"june/flights.csv\".");
        }

        TableFormat? byName = Extensions.TryGetValue(Path.GetExtension(request.Input ?? ""), out TableFormat known) ? known : null;
        if (Word(
                request.Format, "format", violations, ("csv", TableFormat.Csv), ("parquet", TableFormat.Parquet),
                ("jsonl", TableFormat.JsonLines)) is not { } format)
        {
            format = byName ?? TableFormat.Csv;
            if (byName is null && request.Format is null && !string.IsNullOrWhiteSpace(request.Input))
            {
                violations.Add(
                    $"The extension of '{request.Input}' is not a known format; add \"format\": \"csv\", \"parquet\" or \"jsonl\".");
            }
        }

        BatchResultFormat result = Word(
            request.Result, "result", violations, ("csv", BatchResultFormat.Csv), ("jsonl", BatchResultFormat.JsonLines))
            ?? (format == TableFormat.JsonLines ? BatchResultFormat.JsonLines : BatchResultFormat.Csv);
        if (request.Keep is { } keep && (keep.Count > MaxKept || keep.Any(string.IsNullOrWhiteSpace)
            || keep.Distinct(StringComparer.Ordinal).Count() < keep.Count))
        {
            violations.Add($"'keep' must be a list of at most {MaxKept} different column names, such as [\"customer_id\"].");
        }

        if (violations.Count > 0)
        {
            throw new ServiceException(ErrorCode.InvalidRequest, violations);
        }

        VersionEntry version = Pick(head, request.Version);
        return await files.FindAsync(request.Input!, cancellationToken) is null
            ? throw new ServiceException(
                ErrorCode.FileNotFound, $"There is no blob '{request.Input}' in the container 'batch'; upload it first.")
            : new BatchInput(model, version.Number, request.Input!, format, result, request.Keep);
    }

    /// <summary>Divides the file into parts and compares its columns with the model's inputs.</summary>
    public async Task<BatchPlanResult> PlanAsync(BatchStepInput step, CancellationToken cancellationToken)
    {
        BatchInput batch = step.Batch;
        if (await staging.ReadDocumentAsync<BatchPlan>(step.Operation, BatchPlan.DocumentName, cancellationToken) is { } made)
        {
            return new BatchPlanResult(made.Table.Chunks.Count, []);
        }

        if (await files.FindAsync(batch.Path, cancellationToken) is not { } file)
        {
            return new BatchPlanResult(0, [$"The blob '{batch.Path}' no longer exists."]);
        }

        Signature signature = (
            await versions.GetAsync(batch.Name, cancellationToken)).Inspection.Signature;
        try
        {
            long target = Math.Clamp(file.Bytes / Chunks, MinChunkBytes, MaxChunkBytes);
            await using Stream stream = await files.OpenAsync(file, cancellationToken);
            ChunkedTable table = await TableChunks.CutAsync(stream, batch.Path, batch.Format, target, cancellationToken);
            ColumnMapping mapping = ColumnMapping.Create(signature, table.Header);
            string[] keep = [.. batch.Keep ?? []];
            var writer = BatchWriter.Of(batch.Result, signature, keep);
            if (Unkept(keep, table, writer) is { Count: > 0 } unkept)
            {
                return new BatchPlanResult(0, unkept);
            }

            writer.WriteHeader();
            if (writer.ToBytes() is { Length: > 0 } header)
            {
                await files.StageAsync(ResultOf(step), 0, header, cancellationToken);
            }

            var plan = new BatchPlan(file, table, [.. mapping.Columns.Union(keep, StringComparer.Ordinal)]);
            await staging.WriteDocumentAsync(step.Operation, BatchPlan.DocumentName, plan, cancellationToken);
            return new BatchPlanResult(table.Chunks.Count, []);
        }
        catch (ServiceException exception) when (exception.Code is ErrorCode.InvalidRequest or ErrorCode.RegistryConflict)
        {
            return new BatchPlanResult(0, exception.Violations);
        }
    }

    /// <summary>Returns the problems of the columns to copy.</summary>
    private static List<string> Unkept(string[] keep, ChunkedTable table, BatchWriter writer) =>
    [
        .. keep.Where(name => !table.Columns.Contains(name)).Select(name =>
            $"'keep' names the column '{name}', which the file does not have."),
        .. keep.Where(name => table.Header.FindColumn(name) is { IsRead: false, Problem: not null }).Select(name =>
            $"'keep': column '{name}' {table.Problems[name]}."),
        .. keep.Intersect(writer.OwnColumns, StringComparer.Ordinal).Select(name =>
            $"'keep' names '{name}', which is already a column of the result."),
    ];

    /// <summary>Scores one part and stages its answers.</summary>
    public async Task<BatchRows> ScoreChunkAsync(BatchChunkInput input, CancellationToken cancellationToken)
    {
        BatchStepInput step = input.Step;
        BatchInput batch = step.Batch;
        BatchPlan plan = await staging.ReadDocumentAsync<BatchPlan>(step.Operation, BatchPlan.DocumentName, cancellationToken)
            ?? throw new InvalidOperationException($"Operation '{step.Operation}' has no '{BatchPlan.DocumentName}'.");
        TableChunk chunk = plan.Table.Chunks[input.Chunk];
        ModelName model = batch.Model;
        VersionEntry version = (await registry.GetAsync(model, cancellationToken)).FindVersion(batch.Version)!;
        Signature signature = (await versions.GetAsync(batch.Name, cancellationToken)).Inspection.Signature;
        try
        {
            await using Stream stream = batch.Format == TableFormat.Parquet
                ? await files.OpenAsync(plan.File, cancellationToken)
                : await files.ReadAsync(plan.File, chunk.Start, chunk.Length, cancellationToken);
            Table table = await TableChunks.ReadAsync(stream, batch.Path, plan.Table, chunk, plan.Needed, cancellationToken);
            var writer = BatchWriter.Of(batch.Result, signature, batch.Keep ?? []);
            BatchRows rows = await scorer.ScoreAsync(model, version, signature, table, writer, cancellationToken);
            if (writer.ToBytes() is { Length: > 0 } answers)
            {
                await files.StageAsync(ResultOf(step), input.Chunk + 1, answers, cancellationToken);
            }

            return rows;
        }
        catch (ServiceException exception) when (exception.Code is ErrorCode.InvalidRequest or ErrorCode.RegistryConflict)
        {
            return BatchRows.None with { Refusal = exception.Message };
        }
    }

    /// <summary>Makes the whole result visible at once.</summary>
    /// <returns>The path of the result.</returns>
    public async Task<string> EndAsync(BatchEndInput input, CancellationToken cancellationToken)
    {
        BatchStepInput step = input.Step;
        BatchInput batch = step.Batch;
        VersionEntry version = (await registry.GetAsync(batch.Model, cancellationToken)).FindVersion(batch.Version)!;
        var metadata = new Dictionary<string, string>
        {
            ["model"] = batch.Model.Value,
            ["version"] = batch.Version.ToString(CultureInfo.InvariantCulture),
            ["model_sha256"] = version.ModelSha256,
            ["operation"] = step.Operation.ToString(),
            ["rows"] = input.Rows.Rows.ToString(CultureInfo.InvariantCulture),
            ["failed"] = input.Rows.Failed.ToString(CultureInfo.InvariantCulture),
        };
        string result = ResultOf(step);
        string type = batch.Result == BatchResultFormat.Csv ? "text/csv; charset=utf-8" : "application/x-ndjson";
        await files.CommitAsync(result, type, metadata, cancellationToken);
        await staging.DeleteAsync(step.Operation, cancellationToken);
        return result;
    }

    /// <summary>
    /// Names the result: beside the input, with a name unique to this batch, such as <c>june/flights.scored-1f2e3d4c5b6a7988.csv</c>.
    /// </summary>
    internal static string ResultOf(BatchStepInput step)
    {
        string path = step.Batch.Path;
        string stem = path[..^Path.GetExtension(path).Length];
        string extension = step.Batch.Result == BatchResultFormat.Csv ? ".csv" : ".jsonl";
        return $"{stem}.scored-{step.Operation.Suffix}{extension}";
    }

    private static VersionEntry Pick(ModelHead head, string? text)
    {
        string asked = text ?? AliasName.Champion.Value;
        VersionEntry? version = int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? head.FindVersion(number)
            : AliasName.Find(asked) is { } alias ? head.FindAlias(alias) : null;
        return version is null ? throw new ServiceException(
            ErrorCode.VersionNotFound, $"Model '{head.Name}' has no version or alias '{asked}'.")
            : version.Status.MayServe() ? version
            : throw new ServiceException(
                ErrorCode.VersionNotReady,
                $"Version {version.Number} of '{head.Name}' is {version.Status}; only validated versions can score.");
    }

    private static T? Word<T>(string? text, string member, List<string> violations, params (string Word, T Value)[] words)
        where T : struct
    {
        if (text is null)
        {
            return null;
        }

        foreach ((string word, T value) in words)
        {
            if (text.Equals(word, StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }

        violations.Add($"'{member}' must be {string.Join(" or ", words.Select(word => word.Word))}, not '{text}'.");
        return null;
    }
}

/// <summary>The body of a request for a batch.</summary>
/// <param name="Version">A version number, an alias, or null for the champion.</param>
/// <param name="Keep">Columns that are copied to the result, such as the caller's keys; null: none.</param>
public sealed record BatchRequest(string? Input, string? Format, string? Version, string? Result, IReadOnlyList<string>? Keep = null);
