using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Scoring;
using Modeldrop.Speed;
using Modeldrop.Tabular;
using Modeldrop.Tensors;
using Modeldrop.Wire;

namespace Modeldrop.Lifecycle.Batch;

/// <summary>Scores the rows of a table. Each row gets an answer or a problem.</summary>
public sealed class BatchScorer(ScoringService scoring)
{
    // Rows are read in blocks. Rows of a block share a run only as far as validation has proven that sharing does not change their bits.
    private const int RowsPerBlock = 256;

    /// <remarks>
    /// Only a version that is proven to be batch invariant scores rows together, so that no answer depends on its neighbours. A run that
    /// fails is repeated row by row, and only the rows that fail then have a problem.
    /// </remarks>
    internal async Task<BatchRows> ScoreAsync(
        ModelName model, VersionEntry version, Signature signature, Table table, BatchWriter writer, CancellationToken cancellationToken)
    {
        ColumnMapping mapping = ColumnMapping.Create(signature, table);
        int most = version.BatchInvariant == true && !mapping.IsSingleRow ? RunSlot.MaxRows : 1;
        BatchRows rows = BatchRows.None;
        for (int start = 0; start < table.Rows; start += RowsPerBlock)
        {
            int count = Math.Min(RowsPerBlock, table.Rows - start);
            MappedRows mapped = mapping.Read(start, count, int.MaxValue);
            string?[] problems = ProblemsOf(table, mapped, start, count);
            var block = new Block(model, version, table, mapped, start, writer);
            for (int first = 0; first < count;)
            {
                int together = problems[first] is null
                    ? problems.AsSpan(first, Math.Min(most, count - first)).IndexOfAnyExcept((string?)null)
                    : 1;
                together = mapped.Together(first, together < 0 ? Math.Min(most, count - first) : together);
                rows = rows.Plus(problems[first] is { } problem
                    ? Refuse(block, first, problem)
                    : await RunAsync(block, first, together, cancellationToken));
                first += together;
            }
        }

        return rows;
    }

    private async Task<BatchRows> RunAsync(Block block, int first, int count, CancellationToken cancellationToken)
    {
        try
        {
            ScoredRows scored = await scoring.ScoreAsync(block.Model, block.Version, block.Rows.Slice(first, count), cancellationToken);
            for (int row = 0; row < count; row++)
            {
                int line = block.Start + first + row;
                block.Writer.WriteRow(
                    block.Table.LineOf(line), block.Writer.KeptOf(block.Table, line), scored.Outputs, row, count);
            }

            return new BatchRows(count, 0, []);
        }
        catch (ServiceException exception) when (exception.Code is ErrorCode.ScoringFailed or ErrorCode.InvalidTensor)
        {
            if (count == 1)
            {
                return Refuse(block, first, exception.Message);
            }
        }

        BatchRows rows = BatchRows.None;
        for (int row = 0; row < count; row++)
        {
            rows = rows.Plus(await RunAsync(block, first + row, 1, cancellationToken));
        }

        return rows;
    }

    private static BatchRows Refuse(Block block, int row, string problem)
    {
        int line = block.Start + row;
        block.Writer.WriteError(block.Table.LineOf(line), block.Writer.KeptOf(block.Table, line), problem);
        return new BatchRows(1, 1, [$"{block.Table.PlaceOf(line)}: {problem}"]);
    }

    private static string?[] ProblemsOf(Table table, MappedRows mapped, int start, int count)
    {
        var problems = new string?[count];
        for (int row = 0; row < count; row++)
        {
            problems[row] = table.ProblemOf(start + row) is { } problem ? $"{problem}." : null;
        }

        foreach (IGrouping<int, CellViolation> row in mapped.Violations.GroupBy(violation => violation.Row - start))
        {
            problems[row.Key] ??= string.Join(" ", row.Select(cell => $"Column '{cell.Column}': {cell.Problem}."));
        }

        return problems;
    }

    /// <summary>Rows that are read together.</summary>
    /// <param name="Start">The place of the first one in the table.</param>
    private sealed record Block(ModelName Model, VersionEntry Version, Table Table, MappedRows Rows, int Start, BatchWriter Writer);
}
