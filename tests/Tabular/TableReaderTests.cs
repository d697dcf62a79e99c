using Modeldrop.Errors;
using Modeldrop.Tabular;
using Modeldrop.Tests.Probe;
using Parquet;
using Parquet.Schema;

namespace Modeldrop.Tests.Tabular;

public sealed class TableReaderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Read_Csv_GivesColumnsAndLines()
    {
        Table table = await ReadCsvAsync("\uFEFFa, b ,c\r\n1,\"x, \"\"y\"\"\",\r\n2,\"two\nlines\",z\r\n\r\n3,.,#no comment\r\n");

        Assert.Equal(["a", "b", "c"], table.Columns.Select(column => column.Name));
        Assert.Equal(["1", "2", "3"], table.FindColumn("a")!.Values);
        Assert.Equal(["x, \"y\"", "two\nlines", "."], table.FindColumn("b")!.Values);
        Assert.Equal([null, "z", "#no comment"], table.FindColumn("c")!.Values);
        Assert.Equal(["line 2", "line 3", "line 6"], Enumerable.Range(0, 3).Select(table.PlaceOf));
        Assert.Null(table.FindColumn("A"));
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("a,b\n1,2\n3\n", "line 3: 1 fields, but the header has 2")]
    [InlineData("a,b\n1,2,3\n", "line 2: 3 fields, but the header has 2")]
    [InlineData("a,b,a\n", "Column 'a' appears 2 times")]
    [InlineData("a,,b\n", "Column 2 of 'data.csv' has no name")]
    public async Task Read_BadCsv_NamesLineOrColumn(string text, string expected) =>
        Assert.Contains(expected, (await Assert.ThrowsAsync<ServiceException>(() => ReadCsvAsync(text))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Read_NotUtf8_IsRefused()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("data.csv", [(byte)'a', (byte)'\n', 0xFF, 0xFE, (byte)'\n']);

        ServiceException exception = await Assert.ThrowsAsync<ServiceException>(
            () => TableReader.ReadAsync(path, TableLimits.Default, Token));

        Assert.Contains("not UTF-8", exception.Message, StringComparison.Ordinal);
        Assert.Equal(ErrorCode.InvalidRequest, exception.Code);
    }

    [Theory]
    [InlineData(2, 100, "more than 2 rows")]
    [InlineData(100, 5, "more than 5 values")]
    public async Task Read_TooMuch_IsRefused(int rows, long cells, string expected)
    {
        string csv = "a,b\n1,2\n3,4\n5,6\n";

        Assert.Contains(
            expected, (await Assert.ThrowsAsync<ServiceException>(() => ReadCsvAsync(csv, new TableLimits(rows, cells)))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_UnknownExtension_IsRefused() =>
        Assert.Contains(
            "neither",
            (await Assert.ThrowsAsync<ServiceException>(() => TableReader.ReadAsync("data.xlsx", TableLimits.Default, Token))).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("flights/stream.csv", 60_000, 7)]
    [InlineData("penguins/reference.csv", 233, 7)]
    [InlineData("digits/reference.csv", 1_257, 65)]
    public async Task Read_Sample_IsComplete(string file, int rows, int columns)
    {
        Table table = await TableReader.ReadAsync(SampleFiles.PathOf(file), TableLimits.Default, Token);

        Assert.Equal((rows, columns), (table.Rows, table.Columns.Count));
        Assert.All(table.Columns, column => Assert.Equal(rows, column.Values.Count));
        Assert.Equal($"line {rows + 1}", table.PlaceOf(rows - 1));
    }

    [Fact]
    public async Task Read_Parquet_GivesTheSameTextsAsCsv()
    {
        using var folder = new TemporaryFolder();
        string path = await WriteParquetAsync(folder);

        Table table = await TableReader.ReadAsync(path, TableLimits.Default, Token);

        Assert.Equal(4, table.Rows);
        Assert.Equal(["0.1", null, "1e+300", "-2.5", ], table.FindColumn("d")!.Values);
        Assert.Equal(["1", "2", "3", "9007199254740993"], table.FindColumn("l")!.Values);
        Assert.Equal(["a", null, "", "ü"], table.FindColumn("s")!.Values);
        Assert.Equal(["True", "False", "True", "False"], table.FindColumn("b")!.Values);
        Assert.Equal(["0.1", "2.0", "3.0", "4.0"], table.FindColumn("f")!.Values);
        Assert.Equal("row 2", table.PlaceOf(1));
    }

    [Fact]
    public async Task Read_ParquetWithTooManyRows_IsRefused()
    {
        using var folder = new TemporaryFolder();
        string path = await WriteParquetAsync(folder);

        Assert.Contains(
            "more than 3 rows",
            (await Assert.ThrowsAsync<ServiceException>(() => TableReader.ReadAsync(path, new TableLimits(3), Token))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_TruncatedParquet_BlamesTheFile()
    {
        using var folder = new TemporaryFolder();
        byte[] original = await File.ReadAllBytesAsync(await WriteParquetAsync(folder), Token);
        foreach (int length in (int[])[0, 3, 12, original.Length / 2, original.Length - 1])
        {
            string path = folder.Write("damaged.parquet", original[..length]);

            ServiceException exception = await Assert.ThrowsAsync<ServiceException>(
                () => TableReader.ReadAsync(path, TableLimits.Default, Token));

            Assert.Contains("'damaged.parquet' cannot be read as Parquet", exception.Message, StringComparison.Ordinal);
            Assert.Equal(ErrorCode.InvalidRequest, exception.Code);
        }
    }

    private static async Task<Table> ReadCsvAsync(string text, TableLimits? limits = null)
    {
        using var folder = new TemporaryFolder();
        return await TableReader.ReadAsync(folder.Write("data.csv", text), limits ?? TableLimits.Default, Token);
    }

    private static async Task<string> WriteParquetAsync(TemporaryFolder folder)
    {
        string path = Path.Combine(folder.Path, "data.parquet");
        DataField<double?> doubles = new("d");
        DataField<float> floats = new("f");
        DataField<long> longs = new("l");
        DataField<bool> booleans = new("b");
        DataField strings = new("s", typeof(string), isNullable: true);
        await using FileStream file = File.Create(path);
        await using ParquetWriter writer = await ParquetWriter.CreateAsync(
            new ParquetSchema(doubles, floats, longs, booleans, strings), file, cancellationToken: Token);
        // Two row groups: the second must come after the first.
        await WriteGroupAsync([0.1, null], [0.1f, 2], [1, 2], [true, false], ["a", null]);
        await WriteGroupAsync([1E+300, -2.5], [3, 4], [3, 9_007_199_254_740_993], [true, false], ["", "ü"]);
        return path;

        async Task WriteGroupAsync(double?[] d, float[] f, long[] l, bool[] b, string?[] s)
        {
            using ParquetRowGroupWriter group = writer.CreateRowGroup();
            await group.WriteAsync<double>(doubles, d.AsMemory(), cancellationToken: Token);
            await group.WriteAsync<float>(floats, f.AsMemory(), cancellationToken: Token);
            await group.WriteAsync<long>(longs, l.AsMemory(), cancellationToken: Token);
            await group.WriteAsync<bool>(booleans, b.AsMemory(), cancellationToken: Token);
            await group.WriteAsync(strings, (IReadOnlyCollection<string>)s!);
        }
    }
}
