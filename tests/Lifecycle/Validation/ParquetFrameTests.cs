using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime.Tensors;
using Modeldrop.Lifecycle.Validation;
using Modeldrop.Probe;
using Modeldrop.Tabular;
using Modeldrop.Tests.Scoring;
using Modeldrop.Tests.Tabular.Arrow;
using Tensor = Modeldrop.Tensors.Tensor;

namespace Modeldrop.Tests.Lifecycle.Validation;

/// <summary>
/// Parquet files as pandas writes them, by Arrow's own writer (<see cref="ArrowFrames"/>): registered, profiled, validated and read in the
/// parts of a batch, or refused with advice on what to change.
/// </summary>
public sealed class ParquetFrameTests : FrameTest
{
    [Theory]
    [InlineData("plain")]
    [InlineData("index")]
    [InlineData("index-of-two")]
    [InlineData("index-of-times")]
    [InlineData("no-pandas")]
    [InlineData("categories")]
    [InlineData("categories-of-large-texts")]
    [InlineData("category-missing", "0.5 1.25 -3", "1 2 3", "a||c")]
    [InlineData("large-texts")]
    [InlineData("text-views")]
    [InlineData("text-missing", "0.5 1.25 -3", "1 2 3", "a||c")]
    [InlineData("booleans", "1 0 1")]
    [InlineData("nullable-booleans", "1 NaN 0")]
    [InlineData("boolean-for-integer", "0.5 1.25 -3", "1 0 1")]
    [InlineData("nullable-integers", "0.5 -3", "1 3", "a|c")]
    [InlineData("integers-as-floats", "0.5 -3", "1 3", "a|c")]
    [InlineData("float-null", "0.5 NaN -3")]
    [InlineData("float-nan", "0.5 NaN -3")]
    [InlineData("singles")]
    [InlineData("halves")]
    [InlineData("int8")]
    [InlineData("int16")]
    [InlineData("int32")]
    [InlineData("uint8")]
    [InlineData("uint16")]
    [InlineData("uint32")]
    [InlineData("uint64")]
    [InlineData("large-unsigned", "4.2949673E+09 2.1474836E+09 0", "1 2 3", "18446744073709551615|9223372036854775808|0")]
    [InlineData("decimals", "0.5 1.25 -3", "1 2 3", "0.50|1.25|-3.00")]
    [InlineData("decimals-as-integers", "0.5 1.25 -3", "1 2 3", "0.5|1.2|-3.0")]
    [InlineData("long-decimals", "0.5 1.25 -3", "1 2 3", "1234567890123456789012345678901234567.8|-0.1|0.0")]
    [InlineData("wide-decimals")]
    [InlineData("days", "0.5 1.25 -3", "1 2 3", "2026-01-31|1969-12-31|0001-01-01")]
    [InlineData("instants", "0.5 1.25 -3", "1 2 3", "2026-01-31T12:30:15Z|2026-01-31T12:30:15.000001Z|1969-12-31T23:59:59.5Z")]
    [InlineData("instants-elsewhere", "0.5 1.25 -3", "1 2 3", "2026-01-31T12:30:15Z|2026-01-31T12:30:15Z|2026-01-31T12:30:15Z")]
    [InlineData("instants-of-nanoseconds", "0.5 1.25 -3", "1 2 3",
        "2026-01-31T12:30:15.0000001Z|2026-01-31T12:30:15Z|2026-01-31T12:30:15Z")]
    [InlineData("local-times", "0.5 1.25 -3", "1 2 3", "2026-01-31T12:30:15|2026-01-31T12:30:15|2026-01-31T12:30:15")]
    [InlineData("local-nanoseconds", "0.5 1.25 -3", "1 2 3", "2026-01-31T12:30:15.0000001|2026-01-31T12:30:15|2026-01-31T12:30:15")]
    [InlineData("times", "0.5 1.25 -3", "1 2 3", "12:30:15|00:00:00|23:59:59.999")]
    [InlineData("durations")]
    [InlineData("uuids", "0.5 1.25 -3", "1 2 3",
        "00112233-4455-6677-8899-aabbccddeeff|00000000-0000-0000-0000-000000000000|00112233-4455-6677-8899-aabbccddeeff")]
    [InlineData("nothing-for-texts", "0.5 1.25 -3", "1 2 3", "||")]
    [InlineData("nothing-for-floats", "NaN NaN NaN")]
    [InlineData("beside")]
    [InlineData("uncompressed")]
    [InlineData("gzip")]
    [InlineData("zstd")]
    [InlineData("brotli")]
    [InlineData("lz4")]
    [InlineData("pages-2")]
    [InlineData("pages-2-zstd-with-gaps", "0.5 -3", "1 3", "a|c")]
    [InlineData("no-dictionary")]
    [InlineData("version-1")]
    [InlineData("delta")]
    [InlineData("delta-lengths")]
    [InlineData("delta-of-narrow")]
    [InlineData("index-of-pages")]
    [InlineData("groups-of-one")]
    public async Task Frame_AsArrowWritesIt_IsAccepted(string kind, string x = "0.5 1.25 -3", string n = "1 2 3", string s = "a|b|c") =>
        await AssertTakenAsync(Place(kind), x, n, s);

    [Theory]
    [InlineData("list", "Column 'x' is a list; write its parts as separate columns.")]
    [InlineData("struct", "Column 'x' is a struct; write its parts as separate columns.")]
    [InlineData("map", "Column 's' is a map; write its parts as separate columns.")]
    [InlineData("bytes", "Column 's' has a type that is neither a number nor text; write it as a number or as text.")]
    [InlineData("lz4-hadoop", "Column 'x' is compressed with Hadoop's LZ4, which is obsolete; write it with SNAPPY, ZSTD or LZ4_RAW.")]
    [InlineData("boolean-runs", "Column 'x' has booleans in data pages of version 2, which cannot be read; write the file with version 1 "
        + "(data_page_version='1.0').")]
    public async Task Frame_Unreadable_IsRefusedWithTheRemedy(string kind, string expected) =>
        await AssertRefusedAsync(Place(kind), expected);

    [Theory]
    [InlineData("nothing-for-integers", "no row can be scored: each lacks a value for an integer or a boolean ('n').")]
    [InlineData("empty", "has no rows")]
    [InlineData("dates-for-floats", "row 1, column 'x': '0001-01-01' is not a number.")]
    public async Task Frame_WithoutRowsToScore_IsRefusedWithAReason(string kind, string expected) =>
        await AssertRefusedAsync(Place(kind), expected, byBatch: false);

    /// <summary>The default of the most common writer: 1,048,576 rows in one row group.</summary>
    [Fact]
    public async Task RowGroup_OfAMillionRows_IsReadInParts()
    {
        const int Rows = 1_048_576;
        string path = Path.Combine(Folder, "reference.parquet");
        PlaceModel(OnnxBuilder.Identity(TensorElementType.Float, -1, 1));
        ArrowFrames.WriteLarge(Rows, path);

        (InspectionOutcome outcome, Validated validated) = await ValidateAsync();
        List<Tensor> parts = await ReadPartsAsync(path, outcome.Inspection!.Signature, least: 4);

        Assert.Equal(Rows, validated.Baseline!.Profile.Rows);
        MappedRows whole = ColumnMapping.Create(outcome.Inspection.Signature, await TableReader.ReadAsync(path, TableLimits.Default, Token))
            .Read(0, Rows);
        Assert.True(whole.Inputs[0].Data.Span.SequenceEqual(parts[0].Data.Span));
        Assert.Equal(
            Enumerable.Range(0, 2000).Select(row => row % 1000 / 8f),
            MemoryMarshal.Cast<byte, float>(parts[0].Data.Span)[..2000].ToArray());
    }

    [Fact]
    public async Task Parquet_UnusedColumns_AreNotDecoded()
    {
        PlaceModel(OnnxBuilder.Identity(TensorElementType.Float, -1, 1));
        File.Copy(Case("id.parquet"), Path.Combine(Folder, "reference.parquet"));

        (InspectionOutcome _, Validated validated) = await ValidateAsync();
        Table chosen = await TableReader.ReadAsync(Case("id.parquet"), TableLimits.Default, Token, _ => ["x"]);

        Assert.NotNull(validated.Baseline);
        Assert.Equal([("x", true), ("id", false)], chosen.Columns.Select(column => (column.Name, column.IsRead)));
    }

    private string Place(string kind)
    {
        PlaceModel();
        string path = Path.Combine(Folder, "reference.parquet");
        ArrowFrames.Write(kind, path);
        return path;
    }
}
