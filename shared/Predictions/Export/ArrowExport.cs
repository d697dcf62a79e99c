using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;
using Modeldrop.Names;
using Modeldrop.Tensors;

namespace Modeldrop.Predictions.Export;

/// <summary>
/// The packs' columns as stored (<c>docs/stored-formats.md</c>), after each record's id, version and environment. A tensor that a record
/// does not have is null.
/// </summary>
internal static class ArrowExport
{
    public static async Task WriteAsync(
        Stream stream, ExportColumns columns, ExportQuery query, IAsyncEnumerable<LogPack> packs, CancellationToken cancellationToken)
    {
        Schema schema = SchemaOf(columns, query);
        using var writer = new ArrowStreamWriter(stream, schema, leaveOpen: true);
        await writer.WriteStartAsync(cancellationToken);
        await foreach (LogPack pack in packs)
        {
            using PackColumns records = pack.ReadColumns();
            foreach ((int start, int length) in RunsIn(records, query))
            {
                // Not disposed: its slices share the pack's memory, which other slices still need.
                await writer.WriteRecordBatchAsync(ToBatch(schema, pack, records, start, length), cancellationToken);
            }
        }

        await writer.WriteEndAsync(cancellationToken);
    }

    private static Schema SchemaOf(ExportColumns columns, ExportQuery query)
    {
        List<Field> fields =
        [
            new("id", StringType.Default, nullable: false),
            new("version", Int32Type.Default, nullable: false),
            new("model_sha256", StringType.Default, nullable: false),
            new("environment", StringType.Default, nullable: false),
            new("sample", DoubleType.Default, nullable: false),
            new("received_at", PackEncoder.Timestamp, nullable: false),
            new("event_time", PackEncoder.Timestamp, nullable: false),
            new("duration_us", Int64Type.Default, nullable: false),
            new("alias", StringType.Default, nullable: true),
            new("request_id", StringType.Default, nullable: true),
            new(PackEncoder.ErrorColumn, StringType.Default, nullable: true),
        ];
        foreach ((bool isOutput, TensorSpec spec) in columns.Tensors)
        {
            var datatype = new Dictionary<string, string> { [PackEncoder.DatatypeKey] = spec.Datatype.ProtocolName() };
            fields.Add(
                new Field(
                    (isOutput ? PackEncoder.OutputPrefix : PackEncoder.InputPrefix) + spec.Name,
                    PackEncoder.ListOf(PackEncoder.ElementType(spec.Datatype)), nullable: true, datatype));
            fields.Add(
                new Field(
                    (isOutput ? PackEncoder.OutputShapePrefix : PackEncoder.InputShapePrefix) + spec.Name,
                    PackEncoder.ListOf(Int64Type.Default), nullable: true));
        }

        return new Schema(fields, new Dictionary<string, string> { ["modeldrop.model"] = query.Model.Value });
    }

    /// <summary>Ranges of records that were received in the window.</summary>
    private static List<(int Start, int Length)> RunsIn(PackColumns records, ExportQuery query)
    {
        var runs = new List<(int Start, int Length)>();
        int start = 0;
        for (int i = 0; i <= records.Records; i++)
        {
            if (i < records.Records && records.ReceivedAtOf(i) is var at && at >= query.From && at < query.To)
            {
                continue;
            }

            if (i > start)
            {
                runs.Add((start, i - start));
            }

            start = i + 1;
        }

        return runs;
    }

    private static RecordBatch ToBatch(Schema schema, LogPack pack, PackColumns records, int start, int length)
    {
        var ids = new StringArray.Builder();
        foreach (uint sequence in records.Sequences.Slice(start, length))
        {
            ids.Append(new PredictionId(pack.Partition.ModelHash, pack.Partition.Hour, pack.Partition.Writer, sequence).ToString());
        }

        return new RecordBatch(schema, schema.FieldsList.Select(field => field.Name switch
        {
            "id" => ids.Build(),
            "version" => new Int32Array.Builder().AppendRange(Enumerable.Repeat(pack.Version, length)).Build(),
            "model_sha256" => Repeat(pack.ModelSha256, length),
            "environment" => Repeat(pack.Environment, length),
            "sample" => new DoubleArray.Builder().AppendRange(Enumerable.Repeat(pack.Sample, length)).Build(),
            _ => records.FindColumn(field.Name) is { } column
                ? ArrowArrayFactory.Slice(column, start, length)
                : Nulls(field.DataType, length),
        }), length);
    }

    private static StringArray Repeat(string text, int count) =>
        new StringArray.Builder().AppendRange(Enumerable.Repeat(text, count)).Build();

    private static IArrowArray Nulls(IArrowType type, int length)
    {
        if (type is not ListType list)
        {
            var texts = new StringArray.Builder();
            for (int i = 0; i < length; i++)
            {
                texts.AppendNull();
            }

            return texts.Build();
        }

        IArrowArray none = list.ValueDataType is StringType
            ? new StringArray.Builder().Build()
            : ArrowArrayFactory.BuildArray(new ArrayData(list.ValueDataType, 0, 0, 0, [ArrowBuffer.Empty, ArrowBuffer.Empty]));
        var offsets = new ArrowBuffer(new byte[(length + 1) * sizeof(int)]);
        var validity = new ArrowBuffer(new byte[(length + 7) / 8]);
        return new ListArray(list, length, offsets, none, validity, length, 0);
    }
}
