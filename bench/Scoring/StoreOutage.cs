using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.OnnxRuntime.Tensors;
using Modeldrop.Tests.Scoring;

namespace Modeldrop.ScoringBench;

/// <summary>
/// The store stops answering for a while under load: what is scored, stored, dropped and refused, and whether the counts agree.
/// </summary>
internal static class StoreOutage
{
    /// <summary>Less than arrives in a minute, so that the buffer fills and drops are counted.</summary>
    private const int BufferRecords = 5_000;

    private const int Callers = 8;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(40);

    public static async Task RunAsync(Report report, TimeSpan outage)
    {
        string data = Directory.CreateTempSubdirectory("modeldrop-bench").FullName;
        await using Server app = await Server.StartAppAsync(
            data, ("Predictions__BufferRecords", BufferRecords.ToString(CultureInfo.InvariantCulture)));
        byte[] body = Encoding.UTF8.GetBytes("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}]}""");
        byte[] model = OnnxBuilder.Identity(TensorElementType.Float, -1, 2);
        Target buffered = await Models.RegisterAsync(app, "buffered", model, new JsonObject { ["mode"] = "buffered" }, body);
        Target durable = await Models.RegisterAsync(app, "durable", model, new JsonObject { ["mode"] = "durable" }, body);

        string emulator = (await OutputOfAsync("pgrep", "-P", app.ProcessId.ToString(CultureInfo.InvariantCulture), "node")).Trim();
        using var stop = new CancellationTokenSource();
        Task<Answers> bufferedLoad = CallAsync(buffered, stop.Token);
        Task<Answers> durableLoad = CallAsync(durable, stop.Token);
        await Task.Delay(TimeSpan.FromSeconds(5));
        await OutputOfAsync("kill", "-STOP", emulator);
        try
        {
            await Task.Delay(outage);
        }
        finally
        {
            await OutputOfAsync("kill", "-CONT", emulator);
        }

        await Task.Delay(TimeSpan.FromSeconds(15));
        await stop.CancelAsync();
        Answers ofBuffered = await bufferedLoad;
        Answers ofDurable = await durableLoad;
        await Task.Delay(TimeSpan.FromSeconds(10));

        HashSet<string> storedBuffered = await StoredAsync(app, "buffered");
        HashSet<string> storedDurable = await StoredAsync(app, "durable");
        double dropped = await app.CountAsync("modeldrop_log_dropped");
        int missing = ofBuffered.Ids.Count(id => !storedBuffered.Contains(id));
        int lost = ofDurable.Ids.Count(id => !storedDurable.Contains(id));
        string seconds = string.Create(CultureInfo.InvariantCulture, $"store unavailable for {outage.TotalSeconds:0} s");
        report.Add(
            $"{seconds}, log `buffered` with room for {BufferRecords}", "scoring continues; every record is kept or counted",
            string.Create(CultureInfo.InvariantCulture,
                $"{ofBuffered.Ids.Count} answered, {ofBuffered.Failed} failed; {missing} not stored, {dropped:0} counted as dropped; "
                    + $"slowest answer {ofBuffered.Slowest.TotalMilliseconds:0} ms"));
        report.Add($"{seconds}, log `durable`", "503; every answered request is stored", string.Create(CultureInfo.InvariantCulture,
            $"{ofDurable.Ids.Count} answered, {lost} of them not stored; {ofDurable.Failed} got 503"));
    }

    private static async Task<Answers> CallAsync(Target target, CancellationToken stop)
    {
        ConcurrentBag<string> ids = [];
        int failed = 0;
        long slowest = 0;
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(async _ =>
        {
            while (!stop.IsCancellationRequested)
            {
                long start = Stopwatch.GetTimestamp();
                using var content = new ByteArrayContent(target.Body);
                using HttpResponseMessage response = await target.Server.Http.PostAsync(target.Path, content, CancellationToken.None);
                InterlockedMax(ref slowest, Stopwatch.GetElapsedTime(start).Ticks);
                if (response.IsSuccessStatusCode)
                {
                    ids.Add(response.Headers.GetValues("x-prediction-id").Single());
                }
                else if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
                {
                    Interlocked.Increment(ref failed);
                }
                else
                {
                    throw new InvalidOperationException($"{target.Name} answered {(int)response.StatusCode}.");
                }

                await Task.Delay(Pause, CancellationToken.None);
            }
        }));
        return new Answers(ids, failed, TimeSpan.FromTicks(slowest));
    }

    private static void InterlockedMax(ref long most, long value)
    {
        long seen = Interlocked.Read(ref most);
        while (value > seen)
        {
            seen = Interlocked.CompareExchange(ref most, value, seen) is var found && found == seen ? value : found;
        }
    }

    private static async Task<HashSet<string>> StoredAsync(Server app, string model)
    {
        string lines = await app.Http.GetStringAsync($"api/models/{model}/predictions?format=json");
        return [
            .. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(
                line => JsonDocument.Parse(line).RootElement.GetProperty("id").GetString()!)];
    }

    private static async Task<string> OutputOfAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return output;
    }

    private sealed record Answers(IReadOnlyCollection<string> Ids, int Failed, TimeSpan Slowest);
}
