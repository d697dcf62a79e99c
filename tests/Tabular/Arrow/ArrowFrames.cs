using System.Text.Json;
using Apache.Arrow;
using ParquetSharp;
using ParquetSharp.Arrow;
using static Modeldrop.Tests.Tabular.Arrow.ArrowColumns;
using ArrowField = Apache.Arrow.Field;
using ArrowSchema = Apache.Arrow.Schema;
using TimeUnit = Apache.Arrow.Types.TimeUnit;

namespace Modeldrop.Tests.Tabular.Arrow;

/// <summary>
/// Parquet files as pandas writes them: by Arrow's C++ writer, which <c>DataFrame.to_parquet</c> uses too. It shares no code with the
/// library that reads them. Each has three rows of x, n and s (a float, an integer, a text) in every type of a data frame, and columns that
/// are not needed.
/// </summary>
internal static class ArrowFrames
{
    private static readonly IArrowArray X = Doubles(0.5, 1.25, -3);
    private static readonly IArrowArray N = Longs(1, 2, 3);
    private static readonly IArrowArray S = Texts("a", "b", "c");
    private static readonly DateTimeOffset At = new(2026, 1, 31, 12, 30, 15, TimeSpan.Zero);
    private static readonly DateTimeOffset BeforeTheEpoch = DateTimeOffset.UnixEpoch.AddSeconds(-0.5);
    private static readonly Guid Id = Guid.Parse("00112233-4455-6677-8899-aabbccddeeff");

    /// <summary>Writes the frame of a kind.</summary>
    public static void Write(string kind, string path) => Write(Of(kind), path);

    /// <summary>Writes x alone, with the rows in one row group as long as they are at most 1,048,576.</summary>
    public static void WriteLarge(int rows, string path)
    {
        float[] values = new float[rows];
        for (int row = 0; row < rows; row++)
        {
            values[row] = row % 1000 / 8f;
        }

        Write(Frame.Alone("x", new FloatArray.Builder().AppendRange(values).Build()), path);
    }

    /// <summary>Writes any columns.</summary>
    public static void Write(
        string path, int groupRows, Func<WriterPropertiesBuilder, WriterPropertiesBuilder> configure,
        params (string Name, IArrowArray Values)[] columns) =>
        Write(path, groupRows, configure, columns, metadata: null);

    private static void Write(Frame frame, string path) =>
        Write(path, frame.GroupRows, frame.Configure, frame.Columns, frame.PandasMetadata);

    private static void Write(
        string path, int groupRows, Func<WriterPropertiesBuilder, WriterPropertiesBuilder> configure,
        IReadOnlyList<(string Name, IArrowArray Values)> columns, Dictionary<string, string>? metadata)
    {
        var schema = new ArrowSchema(
            [.. columns.Select(column => new ArrowField(column.Name, column.Values.Data.DataType, nullable: true))], metadata);
        using var properties = new WriterPropertiesBuilder();
        configure(properties.Compression(Compression.Snappy));
        using WriterProperties built = properties.Build();
        using var arrow = new ArrowWriterPropertiesBuilder();
        using ArrowWriterProperties builtArrow = arrow.StoreSchema().Build();
        using var writer = new FileWriter(path, schema, built, builtArrow);
        writer.WriteRecordBatch(
            new RecordBatch(schema, columns.Select(column => column.Values), columns[0].Values.Length), groupRows);
        writer.Close();
    }

    private static Frame Of(string kind) => kind switch
    {
        // The index.
        "plain" => new Frame(),
        "index" => new Frame { ["__index_level_0__"] = Longs(7, 8, 9) },
        "index-of-two" => new Frame { ["__index_level_0__"] = Texts("p", "p", "q"), ["__index_level_1__"] = Longs(1, 2, 1) },
        "index-of-times" => new Frame { ["__index_level_0__"] = Instants(TimeUnit.Nanosecond, null, At, At, At) },
        "no-pandas" => new Frame { IsOfPandas = false },

        // The same values in other types.
        "categories" => new Frame { ["s"] = Categories(Texts("c", "b", "a"), 2, 1, 0), ["n"] = Categories(Longs(3, 2, 1), 2, 1, 0) },
        "categories-of-large-texts" => new Frame { ["s"] = Categories(LargeTexts("c", "b", "a"), 2, 1, 0) },
        "category-missing" => new Frame { ["s"] = Categories(Texts("c", "b", "a"), 2, null, 0) },
        "large-texts" => new Frame { ["s"] = LargeTexts("a", "b", "c") },
        "text-views" => new Frame { ["s"] = TextViews("a", "b", "c") },
        "text-missing" => new Frame { ["s"] = Texts("a", null, "c") },
        "booleans" => new Frame { ["x"] = Booleans(true, false, true) },
        "nullable-booleans" => new Frame { ["x"] = Booleans(true, null, false) },
        "boolean-for-integer" => new Frame { ["n"] = Booleans(true, false, true) },
        "nullable-integers" => new Frame { ["n"] = Longs(1, null, 3) },
        "integers-as-floats" => new Frame { ["n"] = Doubles(1, double.NaN, 3) },
        "float-null" => new Frame { ["x"] = Doubles(0.5, null, -3) },
        "float-nan" => new Frame { ["x"] = Doubles(0.5, double.NaN, -3) },
        "singles" => new Frame { ["x"] = Singles(0.5f, 1.25f, -3) },
        "halves" => new Frame { ["x"] = Halves(0.5, 1.25, -3) },
        "int8" => new Frame { ["n"] = Fill(new Int8Array.Builder(), 1, 2, 3) },
        "int16" => new Frame { ["n"] = Fill(new Int16Array.Builder(), 1, 2, 3) },
        "int32" => new Frame { ["n"] = Fill(new Int32Array.Builder(), 1, 2, 3) },
        "uint8" => new Frame { ["n"] = Fill(new UInt8Array.Builder(), 1, 2, 3) },
        "uint16" => new Frame { ["n"] = Fill(new UInt16Array.Builder(), 1, 2, 3) },
        "uint32" => new Frame { ["n"] = Fill(new UInt32Array.Builder(), 1, 2, 3) },
        "uint64" => new Frame { ["n"] = Fill(new UInt64Array.Builder(), 1, 2, 3) },
        "large-unsigned" => new Frame
        {
            ["s"] = Fill(new UInt64Array.Builder(), ulong.MaxValue, 1UL << 63, 0),
            ["x"] = Fill(new UInt32Array.Builder(), uint.MaxValue, 1u << 31, 0),
        },
        "decimals" => new Frame { ["x"] = Decimals(10, 2, 0.50m, 1.25m, -3.00m), ["s"] = Decimals(10, 2, 0.50m, 1.25m, -3.00m) },
        "decimals-as-integers" => new Frame
        {
            ["x"] = Decimals(10, 2, 0.50m, 1.25m, -3.00m), ["s"] = Decimals(5, 1, 0.5m, 1.2m, -3m),
            Configure = properties => properties.EnableStoreDecimalAsInteger(),
        },
        "long-decimals" => new Frame { ["x"] = Decimals(38, 10, 0.50m, 1.25m, -3.00m), ["s"] = HugeDecimals() },
        "wide-decimals" => new Frame { ["x"] = WideDecimals(50, 2, 0.50m, 1.25m, -3.00m) },
        "days" => new Frame { ["s"] = Days(new(2026, 1, 31), new(1969, 12, 31), new(1, 1, 1)) },
        "instants" => new Frame { ["s"] = Instants(TimeUnit.Microsecond, "UTC", At, At.AddTicks(10), BeforeTheEpoch) },
        "instants-elsewhere" => new Frame { ["s"] = Instants(TimeUnit.Microsecond, "Europe/Zurich", At, At, At) },
        "local-times" => new Frame { ["s"] = Instants(TimeUnit.Millisecond, null, At, At, At) },
        "instants-of-nanoseconds" => new Frame { ["s"] = Instants(TimeUnit.Nanosecond, "UTC", At.AddTicks(1), At, At) },
        "local-nanoseconds" => new Frame { ["s"] = Instants(TimeUnit.Nanosecond, null, At.AddTicks(1), At, At) },
        "times" => new Frame { ["s"] = Times(new(12, 30, 15), new(0, 0), new(23, 59, 59, 999)) },
        "durations" => new Frame { ["n"] = Durations(1, 2, 3) },
        "uuids" => new Frame { ["s"] = Uuids(Id, Guid.Empty, Id) },
        "nothing-for-texts" => new Frame { ["s"] = Nothing(3) },
        "nothing-for-floats" => new Frame { ["x"] = Nothing(3) },
        "nothing-for-integers" => new Frame { ["n"] = Nothing(3) },

        // Columns that are not needed.
        "beside" => new Frame
        {
            ["list"] = Lists(1, 2, 3), ["struct"] = Structs("x", Longs(1, 2, 3)), ["map"] = Maps("a", "b", "c"), ["bytes"] = Bytes(1, 2, 3),
            ["id"] = Uuids(Id, Id, Id), ["at"] = Instants(TimeUnit.Nanosecond, "UTC", At, At, At), ["took"] = Durations(1, 2, 3),
            ["day"] = Days(default, default, default), ["price"] = Decimals(10, 2, 1, 2, 3), ["half"] = Halves(1, 2, 3),
            ["none"] = Nothing(3), ["wide"] = WideDecimals(60, 2, 1, 2, 3), ["time"] = Times(default, default, default),
            ["dotted.name"] = Longs(1, 2, 3),
        },
        "list" => new Frame { ["x"] = Lists(1, 2, 3) },
        "struct" => new Frame { ["x"] = Structs("y", Longs(1, 2, 3)) },
        "map" => new Frame { ["s"] = Maps("a", "b", "c") },
        "bytes" => new Frame { ["s"] = Bytes(97, 98, 99) },
        "empty" => new Frame { ["x"] = Doubles(), ["n"] = Longs(), ["s"] = Texts() },
        "dates-for-floats" => new Frame { ["x"] = Days(default, default, default) },

        // The same values, stored differently.
        "uncompressed" => new Frame { Configure = properties => properties.Compression(Compression.Uncompressed) },
        "gzip" => new Frame { Configure = properties => properties.Compression(Compression.Gzip) },
        "zstd" => new Frame { Configure = properties => properties.Compression(Compression.Zstd) },
        "brotli" => new Frame { Configure = properties => properties.Compression(Compression.Brotli) },
        "lz4" => new Frame { Configure = properties => properties.Compression(Compression.Lz4) },
        "lz4-hadoop" => new Frame { Configure = properties => properties.Compression(Compression.Lz4Hadoop) },
        "pages-2" => new Frame { Configure = properties => properties.DataPageVersion(ParquetDataPageVersion.V2) },
        "pages-2-zstd-with-gaps" => new Frame
        {
            ["n"] = Longs(1, null, 3),
            Configure = properties => properties.DataPageVersion(ParquetDataPageVersion.V2).Compression(Compression.Zstd),
        },
        "no-dictionary" => new Frame { Configure = properties => properties.DisableDictionary() },
        "version-1" => new Frame { Configure = properties => properties.Version(ParquetVersion.PARQUET_1_0) },
        "delta" => new Frame
        {
            Configure = properties => properties.DisableDictionary().Encoding("x", Encoding.ByteStreamSplit)
                .Encoding("n", Encoding.DeltaBinaryPacked).Encoding("s", Encoding.DeltaByteArray),
        },
        "delta-lengths" => new Frame
        {
            ["x"] = Singles(0.5f, 1.25f, -3),
            Configure = properties => properties.DisableDictionary().Encoding("x", Encoding.ByteStreamSplit)
                .Encoding("n", Encoding.ByteStreamSplit).Encoding("s", Encoding.DeltaLengthByteArray),
        },
        "delta-of-narrow" => new Frame
        {
            ["n"] = Fill(new Int8Array.Builder(), 1, 2, 3), ["at"] = Instants(TimeUnit.Microsecond, "UTC", At, At, At),
            Configure = properties => properties.DisableDictionary().Encoding("n", Encoding.DeltaBinaryPacked)
                .Encoding("at", Encoding.DeltaBinaryPacked),
        },
        "boolean-runs" => new Frame
        {
            ["x"] = Booleans(true, false, true), Configure = properties => properties.DataPageVersion(ParquetDataPageVersion.V2),
        },
        "index-of-pages" => new Frame { Configure = properties => properties.EnableWritePageIndex().EnablePageChecksum() },
        "groups-of-one" => new Frame { GroupRows = 1 },
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No frame of this kind."),
    };

    /// <summary>Columns in order: x, n and s unless stated otherwise, then the others.</summary>
    private sealed record Frame
    {
        private List<(string Name, IArrowArray Values)> _columns = [("x", X), ("n", N), ("s", S)];

        public IReadOnlyList<(string Name, IArrowArray Values)> Columns => _columns;

        public Func<WriterPropertiesBuilder, WriterPropertiesBuilder> Configure { get; init; } = properties => properties;

        public bool IsOfPandas { get; init; } = true;

        public int GroupRows { get; init; } = 1_048_576;

        public static Frame Alone(string name, IArrowArray values) => new() { _columns = [(name, values)] };

        public IArrowArray this[string name]
        {
            init
            {
                int at = _columns.FindIndex(column => column.Name == name);
                if (at < 0)
                {
                    _columns.Add((name, value));
                }
                else
                {
                    _columns[at] = (name, value);
                }
            }
        }

        /// <summary>The metadata that pandas writes into the footer: its index columns and original types.</summary>
        public Dictionary<string, string>? PandasMetadata => !IsOfPandas ? null : new()
        {
            ["pandas"] = JsonSerializer.Serialize(new
            {
                index_columns = _columns.Where(column => column.Name.StartsWith("__index", StringComparison.Ordinal)).Select(column =>
                    (object)column.Name).DefaultIfEmpty(new { kind = "range", name = (string?)null, start = 0, stop = 3, step = 1 }),
                columns = _columns.Select(column => new { name = column.Name, field_name = column.Name }),
                creator = new { library = "pyarrow", version = "25.0.1" },
                pandas_version = "2.3.3",
            }),
        };
    }
}
