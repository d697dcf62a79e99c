using Apache.Arrow;
using Apache.Arrow.Types;

namespace Modeldrop.Tests.Tabular.Arrow;

/// <summary>Arrow columns of three rows: the values of x, n and s in many types, and columns that no model needs.</summary>
internal static class ArrowColumns
{
    public static IArrowArray Doubles(params double?[] values) => Fill(new DoubleArray.Builder(), values);

    public static IArrowArray Singles(params float?[] values) => Fill(new FloatArray.Builder(), values);

    public static IArrowArray Halves(params double[] values) =>
        new HalfFloatArray.Builder().AppendRange(values.Select(value => (Half)value)).Build();

    public static IArrowArray Longs(params long?[] values) => Fill(new Int64Array.Builder(), values);

    public static IArrowArray Booleans(params bool?[] values)
    {
        var builder = new BooleanArray.Builder();
        foreach (bool? value in values)
        {
            _ = value is { } there ? builder.Append(there) : builder.AppendNull();
        }

        return builder.Build();
    }

    public static IArrowArray Texts(params string?[] values) => new StringArray.Builder().AppendRange(values).Build();

    public static IArrowArray LargeTexts(params string[] values) => new LargeStringArray.Builder().AppendRange(values).Build();

    public static IArrowArray TextViews(params string[] values) => new StringViewArray.Builder().AppendRange(values).Build();

    /// <summary>The form of pandas' <c>category</c>: integer indexes into the values.</summary>
    public static IArrowArray Categories(IArrowArray values, params sbyte?[] indexes)
    {
        Int8Array pointers = Fill(new Int8Array.Builder(), indexes);
        return new DictionaryArray(new DictionaryType(pointers.Data.DataType, values.Data.DataType, false), pointers, values);
    }

    public static IArrowArray Decimals(int precision, int scale, params decimal[] values)
    {
        var type = new Decimal128Type(precision, scale);
        return values.Aggregate(new Decimal128Array.Builder(type), (builder, value) => builder.Append(value)).Build();
    }

    /// <summary>Decimals with more digits than .NET's decimal.</summary>
    public static IArrowArray HugeDecimals() => new Decimal128Array.Builder(new Decimal128Type(38, 1))
        .Append("1234567890123456789012345678901234567.8").Append("-0.1").Append("0.0").Build();

    public static IArrowArray WideDecimals(int precision, int scale, params decimal[] values)
    {
        var type = new Decimal256Type(precision, scale);
        return values.Aggregate(new Decimal256Array.Builder(type), (builder, value) => builder.Append(value)).Build();
    }

    public static IArrowArray Days(params DateOnly[] days) => new Date32Array.Builder().AppendRange(days).Build();

    public static IArrowArray Instants(TimeUnit unit, string? zone, params DateTimeOffset[] instants) =>
        new TimestampArray.Builder(new TimestampType(unit, zone)).AppendRange(instants).Build();

    public static IArrowArray Times(params TimeOnly[] times) =>
        new Time64Array.Builder(TimeUnit.Microsecond).AppendRange(times).Build();

    public static IArrowArray Durations(params long?[] nanoseconds) =>
        new DurationArray(DurationType.Nanosecond, Fill(new Int64Array.Builder(), nanoseconds).Data.Buffers[1],
            ArrowBuffer.Empty, nanoseconds.Length, 0, 0);

    public static IArrowArray Uuids(params Guid[] values) => values.Aggregate(new GuidArray.Builder(), (builder, value) =>
        builder.Append(value)).Build();

    public static IArrowArray Bytes(params byte[] values) =>
        values.Aggregate(new BinaryArray.Builder(), (builder, value) => builder.Append(new[] { value }.AsSpan())).Build();

    public static IArrowArray Lists(params double[] values)
    {
        var builder = new ListArray.Builder(DoubleType.Default);
        foreach (double value in values)
        {
            ((DoubleArray.Builder)builder.Append().ValueBuilder).Append(value).Append(0);
        }

        return builder.Build();
    }

    public static IArrowArray Structs(string member, IArrowArray values) => new StructArray(
        new StructType([new Field(member, values.Data.DataType, nullable: true)]), values.Length, [values], ArrowBuffer.Empty);

    public static IArrowArray Maps(params string[] keys)
    {
        var builder = new MapArray.Builder(new MapType(StringType.Default, Int64Type.Default));
        foreach (string key in keys)
        {
            builder.Append();
            ((StringArray.Builder)builder.KeyBuilder).Append(key);
            ((Int64Array.Builder)builder.ValueBuilder).Append(1);
        }

        return builder.Build();
    }

    public static IArrowArray Nothing(int rows) => new NullArray(rows);

    public static TArray Fill<T, TArray, TBuilder>(PrimitiveArrayBuilder<T, TArray, TBuilder> builder, params T?[] values)
        where T : struct
        where TArray : IArrowArray
        where TBuilder : PrimitiveArrayBuilder<T, TArray, TBuilder>
    {
        foreach (T? value in values)
        {
            _ = value is { } there ? builder.Append(there) : builder.AppendNull();
        }

        return builder.Build(null!);
    }
}
