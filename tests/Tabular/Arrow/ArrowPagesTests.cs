using System.Globalization;
using Apache.Arrow;
using Modeldrop.Errors;
using Modeldrop.Tabular;
using Modeldrop.Tests.Probe;
using ParquetSharp;
using static Modeldrop.Tests.Tabular.Arrow.ArrowColumns;

namespace Modeldrop.Tests.Tabular.Arrow;

/// <summary>Columns of many pages and two row groups, in every encoding of Arrow's writer: each value keeps its position.</summary>
public sealed class ArrowPagesTests
{
    private const int Rows = 20_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // The dictionary overflows halfway: later pages are PLAIN.
    [Theory]
    [InlineData(null, null, null)]
    [InlineData(Encoding.Plain, Encoding.Plain, Encoding.Plain)]
    [InlineData(Encoding.ByteStreamSplit, Encoding.DeltaBinaryPacked, Encoding.DeltaLengthByteArray)]
    [InlineData(Encoding.ByteStreamSplit, Encoding.ByteStreamSplit, Encoding.DeltaByteArray)]
    public async Task Read_ManyPages_HasEachValueInItsPlace(Encoding? floats, Encoding? integers, Encoding? texts)
    {
        using var folder = new TemporaryFolder();
        foreach (bool gaps in (bool[])[false, true])
        {
            double?[] x = [.. Rowwise(gaps, row => row < 4_000 ? row % 50 / 4d : Math.Sin(row) * Math.Pow(10, (row % 300) - 150))];
            long?[] n = [.. Rowwise(gaps, row => row < 4_000 ? row % 50L : row * 922_337_203_685_477L)];
            sbyte?[] small = [.. Rowwise(gaps, row => (sbyte)((row % 256) - 128))];
            string?[] s = [.. Enumerable.Range(0, Rows).Select(row => gaps && row % 5 == 0 ? null : $"text {row % 7_000}")];
            foreach (ParquetDataPageVersion version in Enum.GetValues<ParquetDataPageVersion>())
            {
                string path = Path.Combine(folder.Path, $"{gaps}-{version}.parquet");
                ArrowFrames.Write(
                    path, Rows / 2, properties => Encode(Encode(Encode(Encode(
                        properties.DataPageVersion(version).DataPagesize(4_096).DictionaryPagesizeLimit(20_000).WriteBatchSize(256),
                        "x", floats), "n", integers), "small", integers), "s", texts),
                    ("x", Doubles(x)), ("n", Longs(n)), ("small", Fill(new Int8Array.Builder(), small)), ("s", Texts(s)));

                Modeldrop.Tabular.Table table = await TableReader.ReadAsync(path, TableLimits.Default, Token);

                Assert.Equal(x, table.FindColumn("x")!.Values.Select(text =>
                    text is null ? (double?)null : double.Parse(text, CultureInfo.InvariantCulture)));
                Assert.Equal(n.Select(value => value?.ToString(CultureInfo.InvariantCulture)), table.FindColumn("n")!.Values);
                Assert.Equal(small.Select(value => value?.ToString(CultureInfo.InvariantCulture)), table.FindColumn("small")!.Values);
                Assert.Equal(s, table.FindColumn("s")!.Values);
            }
        }
    }

    [Fact]
    public async Task Read_UnsupportedEncoding_NamesColumnAndEncoding()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "prices.parquet");
        ArrowFrames.Write(
            path, 3, properties => Encode(properties, "price", Encoding.ByteStreamSplit), ("price", Decimals(30, 2, 1, 2, 3)));

        ServiceException refused = await Assert.ThrowsAsync<ServiceException>(() =>
            TableReader.ReadAsync(path, TableLimits.Default, Token));

        Assert.Equal("Column 'price' of 'prices.parquet' cannot be read: it has the encoding BYTE_STREAM_SPLIT. "
            + "Write it with PLAIN or dictionary encoding.", refused.Message);
    }

    private static WriterPropertiesBuilder Encode(WriterPropertiesBuilder properties, string column, Encoding? encoding) =>
        encoding is { } one ? properties.DisableDictionary(column).Encoding(column, one) : properties;

    private static IEnumerable<T?> Rowwise<T>(bool gaps, Func<int, T> value)
        where T : struct =>
        Enumerable.Range(0, Rows).Select(row => gaps && row % 5 == 0 ? (T?)null : value(row));
}
