using Modeldrop.Errors;
using Modeldrop.Storage;
using Parquet;
using Parquet.Meta;
using Parquet.Schema;

namespace Modeldrop.Tabular;

/// <summary>A column of a Parquet file.</summary>
/// <param name="Field">The column's field; null when the column has parts.</param>
/// <param name="Reader">Converts the column to text; null when that is not possible.</param>
/// <param name="Problem">Why the column cannot be read, as a predicate; null: it can be read.</param>
internal sealed record ParquetColumn(string Name, DataField? Field, ParquetCells.ColumnReader? Reader, string? Problem)
{
    /// <summary>The columns of a newly opened file. Decode them with these fields.</summary>
    /// <remarks>Removes logical types from the metadata, for <see cref="ParquetCells"/>. Call it once per file.</remarks>
    public static IReadOnlyList<ParquetColumn> Of(ParquetReader reader, string file)
    {
        List<SchemaElement> schema = reader.Metadata!.Schema;
        ParquetCells.ColumnReader?[] readers = [.. TopLevel(schema).Select(ParquetCells.ReaderOf)];
        foreach (SchemaElement leaf in schema.Where(element => element.Type is not null))
        {
            ParquetCells.Strip(leaf);
        }

        IReadOnlyList<Field> fields = reader.Schema.Fields;
        TableReader.CheckNames(file, [.. fields.Select(field => field.Name)]);
        return [.. fields.Zip(readers, (field, cells) =>
            new ParquetColumn(field.Name, field as DataField, cells,
                ShapeProblem(field) ?? TypeProblem(cells) ?? StorageProblem(reader, (DataField)field)))];
    }

    /// <summary>Writes the texts of some rows of a row group.</summary>
    public async Task ReadAsync(
        ParquetRowGroupReader group, string file, Memory<string?> target, int first, CancellationToken cancellationToken)
    {
        try
        {
            await Reader!(group, Field!, target, first, cancellationToken);
        }
        catch (Exception exception) when (IsOfTheFile(exception) && UnusualEncoding(group) is { } encoding)
        {
            throw TableReader.Invalid($"Column '{Name}' of '{file}' cannot be read: it has the encoding {encoding}. "
                + "Write it with PLAIN or dictionary encoding.", exception);
        }
        catch (Exception exception) when (IsOfTheFile(exception))
        {
            throw TableReader.Invalid($"'{file}' cannot be read as Parquet: column '{Name}': {exception.Message}", exception);
        }
    }

    /// <summary>Whether an exception means that the file is damaged.</summary>
    /// <remarks>On hostile bytes the library throws exceptions of any kind: index, overflow, I/O.</remarks>
    public static bool IsOfTheFile(Exception exception) =>
        exception is not (ServiceException or OperationCanceledException or OutOfMemoryException)
            && !exception.IsStorageFailure();

    private static List<SchemaElement> TopLevel(List<SchemaElement> schema)
    {
        List<SchemaElement> columns = [];
        for (int index = 1; index < schema.Count;)
        {
            columns.Add(schema[index]);
            for (long open = 1; open > 0 && index < schema.Count; index++)
            {
                open += (schema[index].NumChildren ?? 0) - 1;
            }
        }

        return columns;
    }

    private static string? ShapeProblem(Field field) => field is DataField { IsArray: false, MaxRepetitionLevel: 0 } ? null
        : $"is {(field.SchemaType == SchemaType.Struct ? "a struct" : field.SchemaType == SchemaType.Map ? "a map" : "a list")}; "
            + "write its parts as separate columns";

    private static string? TypeProblem(ParquetCells.ColumnReader? reader) =>
        reader is null ? "has a type that is neither a number nor text; write it as a number or as text" : null;

    /// <summary>Finds storage that the library would read wrongly without an error.</summary>
    private static string? StorageProblem(ParquetReader reader, DataField field)
    {
        ColumnMetaData[] parts = [.. reader.RowGroups.Select(group => group.GetMetadata(field)?.MetaData).OfType<ColumnMetaData>()];
        return parts.FirstOrDefault(part => part.Codec is CompressionCodec.LZ4 or CompressionCodec.LZO) is { } part
                ? $"is compressed with Hadoop's {part.Codec}, which is obsolete; write it with SNAPPY, ZSTD or LZ4_RAW"
            : field.ClrType == typeof(bool) && parts.Any(HasRuns)
                ? "has booleans in data pages of version 2, which cannot be read; write the file with version 1 (data_page_version='1.0')"
            : null;
    }

    private static bool HasRuns(ColumnMetaData part) => part.EncodingStats is { } pages
        ? pages.Any(page => page.PageType is PageType.DATA_PAGE or PageType.DATA_PAGE_V2 && page.Encoding == Encoding.RLE)
        : !part.Encodings.Contains(Encoding.PLAIN);

    private string? UnusualEncoding(ParquetRowGroupReader group) => group.GetMetadata(Field!)?.MetaData?.Encodings
        .Where(encoding => encoding is not (Encoding.PLAIN or Encoding.RLE or Encoding.PLAIN_DICTIONARY or Encoding.RLE_DICTIONARY))
        .Select(encoding => $"{encoding}").FirstOrDefault();
}
