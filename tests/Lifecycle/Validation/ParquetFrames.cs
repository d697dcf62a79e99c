using Parquet;
using Parquet.Schema;

namespace Modeldrop.Tests.Lifecycle.Validation;

/// <summary>Parquet files with columns x, n and s, and with columns of every other kind that data frames have.</summary>
internal static class ParquetFrames
{
    private static readonly double[] X = [0.5, 1.25, -3];

    public static async Task WriteAsync(string kind, string path, CancellationToken cancellationToken)
    {
        var x = new DataField<double>("x");
        var n = new DataField<long>("n");
        var gaps = new DataField<long?>("n");
        var s = new DataField<string>("s");
        var price = new DecimalDataField("price", 10, 2);
        var at = new DataField<DateTime>("at");
        var id = new DataField<Guid>("id");
        var bytes = new DataField<byte[]>(kind == "bytes" ? "s" : "bytes");
        var list = new DataField<int[]>(kind == "lists" ? "x" : "list");
        var inner = new DataField<int>("inner");
        Field[] fields = kind switch
        {
            "flat" => [s, n, x, price, at],
            "nullable" => [x, gaps, s],
            "lists" => [list, n, s],
            "bytes" => [x, n, bytes],
            _ => [id, list, new StructField("struct", inner), bytes, x, n, s],
        };
        var schema = new ParquetSchema(fields);
        await using FileStream file = File.Create(path);
        await using ParquetWriter writer = await ParquetWriter.CreateAsync(schema, file, cancellationToken: cancellationToken);
        using ParquetRowGroupWriter group = writer.CreateRowGroup();
        foreach (DataField field in schema.GetDataFields())
        {
            await (field.Name switch
            {
                "x" when field.IsArray => WriteListAsync(group, field, cancellationToken),
                "x" => group.WriteAsync<double>(field, X.AsMemory(), cancellationToken: cancellationToken),
                "n" when kind == "nullable" => group.WriteAsync<long>(field, new long?[] { 1, null, 3 }.AsMemory(),
                    cancellationToken: cancellationToken),
                "n" => group.WriteAsync<long>(field, new long[] { 1, 2, 3 }.AsMemory(), cancellationToken: cancellationToken),
                "s" when kind != "bytes" => group.WriteAsync(field, new[] { "a", "b", "c" }),
                "price" => group.WriteAsync<decimal>(field, new[] { 1.5m, 2, 3 }.AsMemory(), cancellationToken: cancellationToken),
                "at" => group.WriteAsync<DateTime>(field, new[] { DateTime.UnixEpoch, DateTime.UnixEpoch, DateTime.UnixEpoch }.AsMemory(),
                    cancellationToken: cancellationToken),
                "id" => group.WriteAsync<Guid>(field, new Guid[3].AsMemory(), cancellationToken: cancellationToken),
                "list" => WriteListAsync(group, field, cancellationToken),
                "inner" => WriteListAsync(group, field, cancellationToken),
                _ => group.WriteAsync(field, new byte[][] { [1], [2], [3] }),
            });
        }
    }

    private static Task WriteListAsync(ParquetRowGroupWriter group, DataField field, CancellationToken cancellationToken) =>
        group.WriteAllPartsAsync<int>(field, new[] { 1, 2, 3 }.AsMemory(), Enumerable.Repeat(field.MaxDefinitionLevel,
            3).ToArray().AsMemory(),
            field.MaxRepetitionLevel > 0 ? new[] { 0, 0, 0 }.AsMemory() : default(ReadOnlyMemory<int>?), cancellationToken);
}
