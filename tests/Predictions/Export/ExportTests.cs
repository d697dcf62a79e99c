using System.Text;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using Modeldrop.Errors;
using Modeldrop.Predictions;
using Modeldrop.Predictions.Export;
using Modeldrop.Tensors;
using static Modeldrop.Tests.Predictions.LogWorld;

namespace Modeldrop.Tests.Predictions.Export;

public sealed class ExportTests(AzuriteFixture azurite)
{
    private static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Csv_HasOneLinePerRow()
    {
        (LogWorld world, ScoredRequest answered, ScoredRequest failed) = await WriteAsync();

        string[] lines = (
            await TextAsync(
                stream => CsvExport.WriteAsync(
                    stream, Columns(), RecordsAsync(world), Token))).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(
            "id,row,version,model_sha256,alias,request_id,received_at,event_time,duration_ms,sample,error,in.x_0,in.x_1,in.name,out.y",
            lines[0]);
        Assert.Equal(
            $"{answered.Id},0,1,sha-1,champion,,2026-01-02T03:04:05.0000000+00:00,2026-01-02T03:04:05.0000000+00:00,1.5,0.5,,1,NaN,\"a,\"\"b\"\"\",0.5",
            lines[1]);
        Assert.Equal(
            $"{answered.Id},1,1,sha-1,champion,,2026-01-02T03:04:05.0000000+00:00,2026-01-02T03:04:05.0000000+00:00,1.5,0.5,,3,4,c,0.25",
            lines[2]);
        Assert.EndsWith($",{failed.Error},,,,", lines[3], StringComparison.Ordinal);
        Assert.Equal(4, lines.Length);
    }

    [Fact]
    public async Task Arrow_HasTheColumnsOfThePacks_AndNullsForFailedRequests()
    {
        (LogWorld world, ScoredRequest answered, ScoredRequest failed) = await WriteAsync();
        using var stream = new MemoryStream();
        await ArrowExport.WriteAsync(stream, Columns(), Query(At, At.AddHours(1)), PacksAsync(world), Token);
        stream.Position = 0;

        using var reader = new ArrowStreamReader(stream);
        var rows = new Dictionary<string, (string? Error, float[]? X, string? Name)>();
        while (await reader.ReadNextRecordBatchAsync(Token) is { } batch)
        {
            for (int i = 0; i < batch.Length; i++)
            {
                var x = (ListArray)batch.Column("in.x");
                var names = (ListArray)batch.Column("in.name");
                rows[((StringArray)batch.Column("id")).GetString(i)] = (
                    ((StringArray)batch.Column("error")).GetString(i),
                    x.IsNull(i) ? null : ((FloatArray)x.GetSlicedValues(i)).Values.ToArray(),
                    names.IsNull(i) ? null : ((StringArray)names.GetSlicedValues(i)).GetString(0));
            }
        }

        Assert.Equal(2, rows.Count);
        Assert.Equal([1, float.NaN, 3, 4], rows[answered.Id.ToString()].X!);
        Assert.Equal((null, "a,\"b\""), (rows[answered.Id.ToString()].Error, rows[answered.Id.ToString()].Name));
        Assert.Equal((failed.Error, null, null), rows[failed.Id.ToString()]);
    }

    /// <summary>Part of a pack: rows outside the window are cut out of the columns.</summary>
    [Fact]
    public async Task Arrow_WindowInsideAPack_GivesOnlyItsRows()
    {
        var world = new LogWorld(azurite);
        PredictionLog log = await world.StartLogAsync();
        List<ScoredRequest> requests = [
            .. Enumerable.Range(0, 10).Select(
                i => Request(
                    log, at: At.AddMinutes(i % 5), inputs: [Floats("x", [1, 2], i, i), Tensor.OfStrings("name", [1], [$"n{i}"])]))];
        requests.ForEach(request => log.Append(request));
        await log.StopAsync(Token);
        using var stream = new MemoryStream();
        await ArrowExport.WriteAsync(stream, Columns(), Query(At.AddMinutes(1), At.AddMinutes(3)), PacksAsync(world), Token);
        stream.Position = 0;

        using var reader = new ArrowStreamReader(stream);
        var names = new List<string>();
        while (await reader.ReadNextRecordBatchAsync(Token) is { } batch)
        {
            var column = (ListArray)batch.Column("in.name");
            names.AddRange(Enumerable.Range(0, batch.Length).Select(i => ((StringArray)column.GetSlicedValues(i)).GetString(0)));
        }

        Assert.Equal(["n1", "n2", "n6", "n7"], names);
    }

    [Fact]
    public void Columns_OneTensorWithTwoDatatypes_AreRefused()
    {
        ExportColumns columns = Columns();

        ServiceException exception = Assert.Throws<ServiceException>(
            () => columns.Add(new Signature([new TensorSpec("x", Datatype.Int64, [-1, 2])], [])));

        Assert.Contains("version=", exception.Message, StringComparison.Ordinal);
    }

    private async Task<(LogWorld World, ScoredRequest Answered, ScoredRequest Failed)> WriteAsync()
    {
        var world = new LogWorld(azurite);
        PredictionLog log = await world.StartLogAsync();
        ScoredRequest answered = Request(
            log, at: At, inputs: [Floats("x", [2, 2], 1, float.NaN, 3, 4), Tensor.OfStrings("name", [2], ["a,\"b\"", "c"])]) with
        {
            Outputs = [Floats("y", [2, 1], 0.5f, 0.25f)],
            Alias = "champion",
            Sample = 0.5,
        };
        ScoredRequest failed = Request(log, at: At) with { Inputs = [], Outputs = [], Error = "No tensor.", Sample = 0.5 };
        log.Append(answered);
        log.Append(failed);
        await log.StopAsync(Token);
        return (world, answered, failed);
    }

    private static ExportColumns Columns()
    {
        var columns = new ExportColumns();
        columns.Add(
            new Signature(
                [new TensorSpec("x", Datatype.Fp32, [-1, 2]), new TensorSpec("name", Datatype.Bytes, [-1])],
                [new TensorSpec("y", Datatype.Fp32, [-1, 1])]));
        return columns;
    }

    private static ExportQuery Query(DateTimeOffset from, DateTimeOffset to) => new(Flights, null, from, to);

    private static IAsyncEnumerable<LogPack> PacksAsync(LogWorld world) =>
        world.Store.ReadPacksAsync(Flights, DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue.AddDays(-1), Token);

    private static async IAsyncEnumerable<Prediction> RecordsAsync(LogWorld world)
    {
        var records = new List<Prediction>();
        await foreach (LogPack pack in PacksAsync(world))
        {
            records.AddRange(PredictionStore.ReadRecords(pack));
        }

        foreach (Prediction record in records.OrderBy(record => record.Id.Sequence))
        {
            yield return record;
        }
    }

    private static async Task<string> TextAsync(Func<Stream, Task> write)
    {
        using var stream = new MemoryStream();
        await write(stream);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
