using System.Runtime.InteropServices;
using System.Text;
using Modeldrop.Tabular;
using Modeldrop.Tensors;
using Modeldrop.Tests.Probe;
using Parquet;
using Parquet.Schema;

namespace Modeldrop.Tests.Tabular;

/// <summary>A category has the same text in every format. The texts are those of Python 3.13 (<c>str</c>) and numpy.</summary>
public sealed class CellTextTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1.0, "1.0")]
    [InlineData(0.1, "0.1")]
    [InlineData(-2.5, "-2.5")]
    [InlineData(-0.0, "-0.0")]
    [InlineData(1e15, "1000000000000000.0")]
    [InlineData(-1.5e15, "-1500000000000000.0")]
    [InlineData(1234567890123456.0, "1234567890123456.0")]
    [InlineData(1e16, "1e+16")]
    [InlineData(-1e16, "-1e+16")]
    [InlineData(12345678901234568.0, "1.2345678901234568e+16")]
    [InlineData(9999999999999998.0, "9999999999999998.0")]
    [InlineData(123456789012345680.0, "1.2345678901234568e+17")]
    [InlineData(0.0001, "0.0001")]
    [InlineData(0.00001, "1e-05")]
    [InlineData(1.5e-7, "1.5e-07")]
    [InlineData(5e-324, "5e-324")]
    [InlineData(1e300, "1e+300")]
    [InlineData(double.PositiveInfinity, "inf")]
    [InlineData(double.NegativeInfinity, "-inf")]
    [InlineData(double.NaN, null)]
    public void Of_Double_EqualsTheTextOfPython(double value, string? text)
    {
        Assert.Equal(text, CellText.Of(value));
        Assert.Equal(value, text is null ? double.NaN : CellParser.ParseDouble(text));
    }

    [Theory]
    [InlineData(0.1f, "0.1")]
    [InlineData(2f, "2.0")]
    [InlineData(1e7f, "10000000.0")]
    [InlineData(16777216f, "16777216.0")]
    [InlineData(1e16f, "1e+16")]
    [InlineData(3e-5f, "3e-05")]
    [InlineData(3.4028235e38f, "3.4028235e+38")]
    [InlineData(float.NaN, null)]
    public void Of_Float_IsItsShortestText(float value, string? text) => Assert.Equal(text, CellText.Of(value));

    [Theory]
    [InlineData(0x15AE43FDu)]
    [InlineData(0x00000001u)]
    [InlineData(0x7F7FFFFFu)]
    [InlineData(0x3DCCCCCDu)]
    public void Of_Float_RoundTripsBitForBit(uint bits)
    {
        string text = CellText.Of(BitConverter.UInt32BitsToSingle(bits))!;
        Span<byte> element = stackalloc byte[sizeof(float)];

        Assert.Null(CellParser.Write(Datatype.Fp32, text, element));
        Assert.Equal(bits, MemoryMarshal.Read<uint>(element));
    }

    [Fact]
    public async Task Read_CsvParquetAndJsonLines_GiveTheSameTexts()
    {
        const string Csv = "b,f,d,n,m,s\nTrue,0.1,1.0,7,12.50,NA\nFalse,2.0,1e-05,8,0.00,\n";
        const string JsonLines = """
            {"b": true, "f": 0.1, "d": 1.0, "n": 7, "m": 12.50, "s": "NA"}
            {"b": false, "f": 2.0, "d": 1e-05, "n": 8, "m": 0.00, "s": null}
            """;
        using var folder = new TemporaryFolder();
        string[] names = ["b", "f", "d", "n", "m", "s"];

        Table csv = await TableReader.ReadAsync(folder.Write("x.csv", Csv), TableLimits.Default, Token);
        Table json = await TableChunks.ReadAsync(
            new MemoryStream(Encoding.UTF8.GetBytes(JsonLines)), "x.jsonl", new ChunkedTable(TableFormat.JsonLines, names, []),
            new TableChunk(0, JsonLines.Length, 1), names, Token);
        Table parquet = await TableReader.ReadAsync(await WriteParquetAsync(folder), TableLimits.Default, Token);

        string[] expected = ["True", "0.1", "1.0", "7", "12.50", "NA", "False", "2.0", "1e-05", "8", "0.00", ""];
        Assert.Equal(expected, Texts(csv, names));
        Assert.Equal(expected, Texts(parquet, names));
        Assert.Equal(expected, Texts(json, names));
    }

    private static string[] Texts(Table table, string[] names)
    {
        var signature = new Signature([.. names.Select(name => new TensorSpec(name, Datatype.Bytes, [-1, 1]))], []);
        IReadOnlyList<Tensor> inputs = ColumnMapping.Create(signature, table).Read(0, 2).Inputs;
        return [.. from row in Enumerable.Range(0, 2) from input in inputs select input.Strings![row]];
    }

    private static async Task<string> WriteParquetAsync(TemporaryFolder folder)
    {
        string path = Path.Combine(folder.Path, "x.parquet");
        DataField<bool> b = new("b");
        DataField<float> f = new("f");
        DataField<double> d = new("d");
        DataField<int> n = new("n");
        var m = new DecimalDataField("m", 9, 2);
        DataField s = new("s", typeof(string), isNullable: true);
        await using FileStream file = File.Create(path);
        var schema = new ParquetSchema(b, f, d, n, m, s);
        await using ParquetWriter writer = await ParquetWriter.CreateAsync(schema, file, cancellationToken: Token);
        using ParquetRowGroupWriter group = writer.CreateRowGroup();
        await group.WriteAsync<bool>(b, new[] { true, false }.AsMemory(), cancellationToken: Token);
        await group.WriteAsync<float>(f, new[] { 0.1f, 2f }.AsMemory(), cancellationToken: Token);
        await group.WriteAsync<double>(d, new[] { 1.0, 1e-5 }.AsMemory(), cancellationToken: Token);
        await group.WriteAsync<int>(n, new[] { 7, 8 }.AsMemory(), cancellationToken: Token);
        await group.WriteAsync<decimal>(m, new[] { 12.50m, 0m }.AsMemory(), cancellationToken: Token);
        await group.WriteAsync(s, (IReadOnlyCollection<string>)(string[])["NA", null!]);
        return path;
    }
}
