using System.Text;
using Modeldrop.Errors;
using Modeldrop.Tabular;
using Parquet;
using Parquet.Schema;

namespace Modeldrop.Tests.Tabular;

/// <summary>A file read in parts has the same rows and lines as a whole.</summary>
public sealed class TableChunksTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("a,b\n1,x\n2,y\n3,z\n")]
    [InlineData("a,b\n1,x\n2,y\n3,z")]
    [InlineData("\uFEFFa,b\r\n1,x\r\n2,\"y\r\nand, more\"\r\n\r\n3,zürich 東京 🙂\r\n")]
    [InlineData("\"a\",\"b\nc\"\n\"1\",\"say \"\"hi\"\"\"\n\n\n2,\n,3\n   \n4,5\n")]
    public async Task Csv_InPartsOfAnySize_HasTheRowsAndLineNumbersOfTheWholeFile(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Table whole = await TableReader.ReadCsvAsync(new MemoryStream(bytes), "x.csv", TableLimits.Default, Token);
        for (int target = 1; target <= bytes.Length; target++)
        {
            ChunkedTable cut = await TableChunks.CutAsync(new MemoryStream(bytes), "x.csv", TableFormat.Csv, target, Token);

            Assert.Equal(whole.Columns.Select(column => column.Name), cut.Columns);
            Assert.Equal(bytes.Length, cut.Chunks[^1].Start + cut.Chunks[^1].Length);
            Assert.Equal(RowsOf(whole), await RowsAsync(bytes, cut, cut.Columns));
        }
    }

    [Fact]
    public async Task Csv_RowWithAnotherNumberOfFields_IsAProblemAtItsPosition()
    {
        byte[] bytes = Encoding.UTF8.GetBytes("a,b\n1,2\n3\n4,5,6\n7,8\n");
        ChunkedTable cut = await TableChunks.CutAsync(new MemoryStream(bytes), "x.csv", TableFormat.Csv, 1, Token);

        Assert.Equal(
            ["2: 1|2", "3: 1 fields, but the header has 2", "4: 3 fields, but the header has 2", "5: 7|8"],
            await RowsAsync(bytes, cut, cut.Columns));
    }

    [Fact]
    public async Task JsonLines_InPartsOfAnySize_KeepsRowsAndProblems()
    {
        byte[] bytes = Encoding.UTF8.GetBytes(
            "{\"n\": 1.50, \"s\": \"a\\\"b\", \"v\": [1, [2, "
                + "3]]}\n\n{\"v\":[4,5,6],\"s\":null,\"n\":true,\"more\":1}\r\nnonsense\n[1]\n{\"n\":1}\n{\"n\":{},\"s\":\"\",\"v\":[]}\n{\"n\":1} 2\n{\"n\":3,\"s\":\"東\",\"v\":[7,8,9]}");
        for (int target = 1; target <= bytes.Length; target++)
        {
            ChunkedTable cut = await TableChunks.CutAsync(new MemoryStream(bytes), "x.jsonl", TableFormat.JsonLines, target, Token);

            Assert.Equal(["n", "s", "v_0", "v_1", "v_2"], cut.Columns);
            Assert.Equal(
                [
                    "1: 1.50|a\"b|1|2|3",
                    "3: True||4|5|6",
                    "4: the line is not valid JSON",
                    "5: the line is not a JSON object",
                    "6: missing: 's', 'v_0', 'v_1', 'v_2'; write null where there is no value",
                    "7: 'n' is an object; use numbers, strings, true, false, null, or lists of them",
                    "8: the line has text after its JSON object",
                    "9: 3|東|7|8|9",
                ],
                await RowsAsync(bytes, cut, cut.Columns));
        }
    }

    [Fact]
    public async Task JsonLines_WithoutAnObject_IsRefused()
    {
        ServiceException exception = await Assert.ThrowsAsync<ServiceException>(
            () => TableChunks.CutAsync(new MemoryStream("1\n2\n"u8.ToArray()), "x.jsonl", TableFormat.JsonLines, 1, Token));

        Assert.StartsWith("'x.jsonl' has no line that is a JSON object", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task JsonLines_LineLongerThanAnyBuffer_IsRead()
    {
        string text = new('x', 300_000);
        byte[] bytes = Encoding.UTF8.GetBytes($"{{\"s\":\"{text}\"}}\n{{\"s\":\"y\"}}\n");
        ChunkedTable cut = await TableChunks.CutAsync(new MemoryStream(bytes), "x.jsonl", TableFormat.JsonLines, 100_000, Token);

        Assert.Equal([$"1: {text}", "2: y"], await RowsAsync(bytes, cut, cut.Columns));
    }

    [Fact]
    public async Task Parquet_IsReadByRowGroups()
    {
        var field = new DataField<int>("n");
        using var file = new MemoryStream();
        await using (ParquetWriter writer = await ParquetWriter.CreateAsync(new ParquetSchema(field), file, cancellationToken: Token))
        {
            foreach (int[] group in (int[][])[[1, 2], [3], [4, 5, 6]])
            {
                using ParquetRowGroupWriter rows = writer.CreateRowGroup();
                await rows.WriteAsync<int>(field, group.AsMemory(), cancellationToken: Token);
            }
        }

        ChunkedTable cut = await TableChunks.CutAsync(file, "x.parquet", TableFormat.Parquet, 1, Token);

        Assert.Equal([new TableChunk(0, 2, 1), new TableChunk(1, 1, 3), new TableChunk(2, 3, 4)], cut.Chunks);
        Assert.Equal(["1: 1", "2: 2", "3: 3", "4: 4", "5: 5", "6: 6"], await RowsAsync(file.ToArray(), cut, cut.Columns));
        Table last = await TableChunks.ReadAsync(file, "x.parquet", cut, cut.Chunks[2], cut.Columns, Token);
        Assert.Equal("row 5", last.PlaceOf(1));
    }

    private static async Task<List<string>> RowsAsync(byte[] file, ChunkedTable cut, IReadOnlyList<string> columns)
    {
        List<string> rows = [];
        foreach (TableChunk chunk in cut.Chunks)
        {
            byte[] bytes = cut.Format == TableFormat.Parquet ? file : file[(int)chunk.Start..(int)(chunk.Start + chunk.Length)];
            rows.AddRange(RowsOf(await TableChunks.ReadAsync(new MemoryStream(bytes), "x", cut, chunk, columns, Token)));
        }

        return rows;
    }

    private static IEnumerable<string> RowsOf(Table table) => Enumerable.Range(0, table.Rows)
        .Select(
            row => $"{table.LineOf(row)}: {table.ProblemOf(row) ?? string.Join("|", table.Columns.Select(column => column.Values[row]))}");
}
