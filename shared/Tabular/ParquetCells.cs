using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using Parquet;
using Parquet.Meta;
using Parquet.Schema;
using PhysicalType = Parquet.Meta.Type;

namespace Modeldrop.Tabular;

/// <summary>Converts the stored values of a Parquet column to text.</summary>
/// <remarks>
/// Columns are decoded by their physical type and interpreted here: the library supports fewer logical types than Parquet has, and its
/// decimals end at 28 digits.
/// </remarks>
internal static class ParquetCells
{
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Decodes a column and writes the texts of some of its rows.</summary>
    /// <param name="target">Receives the rows from <paramref name="first"/> on.</param>
    public delegate Task ColumnReader(
        ParquetRowGroupReader group, DataField field, Memory<string?> target, int first, CancellationToken cancellationToken);

    /// <summary>The reader of a column; null when its type has no text form.</summary>
    public static ColumnReader? ReaderOf(SchemaElement element) => element.Type switch
    {
        PhysicalType.BOOLEAN => Of<bool>(CellText.Of),
        PhysicalType.INT32 => OfInteger<int>(element),
        PhysicalType.INT64 => OfInteger<long>(element),
        PhysicalType.INT96 => Of<DateTime>(value => value.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture)),
        PhysicalType.FLOAT => Of<float>(CellText.Of),
        PhysicalType.DOUBLE => Of<double>(CellText.Of),
        PhysicalType.BYTE_ARRAY when IsText(element) => ReadTextsAsync,
        _ when ScaleOf(element) is { } scale => Of<ReadOnlyMemory<byte>>(value =>
            Decimal(new BigInteger(value.Span, isUnsigned: false, isBigEndian: true), scale)),
        PhysicalType.FIXED_LEN_BYTE_ARRAY when element.LogicalType?.UUID is not null => Of<ReadOnlyMemory<byte>>(value =>
            new Guid(value.Span, bigEndian: true).ToString()),
        PhysicalType.FIXED_LEN_BYTE_ARRAY when element.LogicalType?.FLOAT16 is not null => Of<ReadOnlyMemory<byte>>(value =>
            CellText.Of((float)BinaryPrimitives.ReadHalfLittleEndian(value.Span))),
        _ => null,
    };

    /// <summary>Removes the logical type of an element, except what the library needs to decode it: whether bytes are text.</summary>
    public static void Strip(SchemaElement element)
    {
        element.LogicalType = IsText(element) ? new LogicalType { STRING = new StringType() } : null;
        element.ConvertedType = null;
    }

    private static bool IsText(SchemaElement element) => element.Type == PhysicalType.BYTE_ARRAY
        && (element.LogicalType is { STRING: not null } or { ENUM: not null } or { JSON: not null }
            || element.ConvertedType is ConvertedType.UTF8 or ConvertedType.ENUM or ConvertedType.JSON);

    private static int? ScaleOf(SchemaElement element) => element.LogicalType?.DECIMAL?.Scale
        ?? (element.ConvertedType == ConvertedType.DECIMAL ? element.Scale ?? 0 : null);

    private static ColumnReader OfInteger<T>(SchemaElement element)
        where T : struct, IBinaryInteger<T>
    {
        LogicalType? logical = element.LogicalType;
        if (ScaleOf(element) is { } scale)
        {
            return Of<T>(value => Decimal(BigInteger.CreateChecked(value), scale));
        }

        if (logical?.DATE is not null || element.ConvertedType == ConvertedType.DATE)
        {
            return Of<T>(value => Date(long.CreateChecked(value)));
        }

        if (UnitOf(logical?.TIME?.Unit, element, ConvertedType.TIME_MILLIS, ConvertedType.TIME_MICROS) is { } timeUnit)
        {
            return Of<T>(value => TimeOfDay(long.CreateChecked(value), timeUnit));
        }

        if (UnitOf(logical?.TIMESTAMP?.Unit, element, ConvertedType.TIMESTAMP_MILLIS, ConvertedType.TIMESTAMP_MICROS) is { } unit)
        {
            string zone = logical?.TIMESTAMP?.IsAdjustedToUTC == false ? "" : "Z";
            return Of<T>(value => $"{Timestamp(long.CreateChecked(value), unit)}{zone}");
        }

        // Narrow numbers are stored in wide ones; the upper bits mean nothing.
        int width = 8 * int.CreateChecked(T.Zero.GetByteCount());
        return logical?.INTEGER is { IsSigned: false, BitWidth: var bits } ? OfUnsigned<T>(bits)
            : element.ConvertedType switch
            {
                ConvertedType.UINT_8 => OfUnsigned<T>(8),
                ConvertedType.UINT_16 => OfUnsigned<T>(16),
                ConvertedType.UINT_32 or ConvertedType.UINT_64 => OfUnsigned<T>(width),
                _ => Of<T>(value => value.ToString(null, CultureInfo.InvariantCulture)),
            };
    }

    private static ColumnReader OfUnsigned<T>(int bits)
        where T : struct, IBinaryInteger<T>
    {
        ulong mask = bits >= 64 ? ulong.MaxValue : (1UL << bits) - 1;
        return Of<T>(value => (ulong.CreateTruncating(value) & mask).ToString(CultureInfo.InvariantCulture));
    }

    /// <returns>Units per second.</returns>
    private static long? UnitOf(TimeUnit? unit, SchemaElement element, ConvertedType milliseconds, ConvertedType microseconds) =>
        unit?.NANOS is not null ? NanosecondsPerSecond
        : unit?.MICROS is not null || element.ConvertedType == microseconds ? 1_000_000
        : unit?.MILLIS is not null || element.ConvertedType == milliseconds ? 1_000
        : null;

    private static string Decimal(BigInteger digits, int scale)
    {
        string text = BigInteger.Abs(digits).ToString(CultureInfo.InvariantCulture).PadLeft(scale + 1, '0');
        string sign = digits.Sign < 0 ? "-" : "";
        return scale == 0 ? $"{sign}{text}" : $"{sign}{text[..^scale]}.{text[^scale..]}";
    }

    private static string Date(long days) => Day(days).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Timestamp(long value, long unit)
    {
        (long seconds, long rest) = DivideDown(value, unit);
        (long days, long second) = DivideDown(seconds, 86_400);
        return $"{Date(days)}T{TimeOfDay(second, 1)}{Fraction(rest, unit)}";
    }

    private static string TimeOfDay(long value, long unit)
    {
        (long seconds, long rest) = DivideDown(value, unit);
        return string.Create(CultureInfo.InvariantCulture,
            $"{seconds / 3600:00}:{seconds / 60 % 60:00}:{seconds % 60:00}{Fraction(rest, unit)}");
    }

    private static string Fraction(long rest, long unit) => rest == 0 ? ""
        : $".{(rest * (NanosecondsPerSecond / unit)).ToString("D9", CultureInfo.InvariantCulture).TrimEnd('0')}";

    private static DateOnly Day(long daysSince1970)
    {
        long day = daysSince1970 + DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;
        return day >= DateOnly.MinValue.DayNumber && day <= DateOnly.MaxValue.DayNumber ? DateOnly.FromDayNumber((int)day)
            : throw new InvalidDataException("a time is before the year 1 or after the year 9999.");
    }

    private static (long Quotient, long Remainder) DivideDown(long value, long divisor)
    {
        (long quotient, long rest) = Math.DivRem(value, divisor);
        return rest < 0 ? (quotient - 1, rest + divisor) : (quotient, rest);
    }

    private static async Task ReadTextsAsync(
        ParquetRowGroupReader group, DataField field, Memory<string?> target, int first, CancellationToken cancellationToken)
    {
        string?[] texts = new string?[group.RowCount];
        await group.ReadAsync(field, texts!, null, cancellationToken);
        texts.AsMemory(first, target.Length).CopyTo(target);
    }

    private static ColumnReader Of<T>(Func<T, string?> format)
        where T : struct =>
        async (group, field, target, first, cancellationToken) =>
        {
            // A column is decoded as a whole, because its pages do not record which rows they hold.
            if (field.IsNullable)
            {
                var values = new T?[group.RowCount];
                await group.ReadAsync<T>(field, values.AsMemory(), null, cancellationToken);
                for (int row = 0; row < target.Length; row++)
                {
                    target.Span[row] = values[first + row] is { } value ? format(value) : null;
                }
            }
            else
            {
                var values = new T[group.RowCount];
                await group.ReadAsync<T>(field, values.AsMemory(), null, cancellationToken);
                for (int row = 0; row < target.Length; row++)
                {
                    target.Span[row] = format(values[first + row]);
                }
            }
        };
}
