using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.ML.OnnxRuntime.Tensors;
using Modeldrop.Standalone.Emulator;
using Modeldrop.Tests.Scoring;

namespace Modeldrop.ScoringBench;

/// <summary>
/// Malformed, large and endless requests beside good ones, on an instance of 2 GiB: memory and handles level off, and every refusal is
/// counted by its reason.
/// </summary>
internal static class Soak
{
    /// <summary>A model that takes pairs of floats.</summary>
    public const string Model = "soak";

    private const long InstanceBytes = 2L << 30;
    private const int GoodCallers = 4;

    private static readonly TimeSpan BetweenSamples = TimeSpan.FromSeconds(2);

    public static byte[] Good { get; } = Encoding.UTF8.GetBytes(
        """{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}]}""");

    public static async Task RunAsync(Report report, TimeSpan length)
    {
        await using StorageEmulator account = await Server.StartAccountAsync();
        string data = Directory.CreateTempSubdirectory("modeldrop-bench").FullName;
        await using MemoryGroup? group = MemoryGroup.TryCreate(InstanceBytes);
        await using Server app = await Server.StartInstanceAsync(group, [], data, Server.Connection(account));
        Target target = await Models.RegisterAsync(
            app, Model, OnnxBuilder.Identity(TensorElementType.Float, -1, 2), new JsonObject { ["mode"] = "buffered" }, Good);

        using var stop = new CancellationTokenSource(length);
        ConcurrentDictionary<string, int> answers = new();
        List<(long Memory, int Handles)> samples = [];
        Task[] load =
        [
            .. Enumerable.Range(0, GoodCallers).Select(
                _ => RepeatAsync(() => BadRequests.AskAsync(app, target.Path, Good, answers), stop.Token)),
            .. BadRequests.Of(app, answers).Select(bad => RepeatAsync(bad.AskAsync, stop.Token)),
        ];
        while (!stop.IsCancellationRequested)
        {
            samples.Add((app.WorkingSet, Directory.GetFileSystemEntries($"/proc/{app.ProcessId}/fd").Length));
            await Task.Delay(BetweenSamples, CancellationToken.None);
        }

        await Task.WhenAll(load);
        Add(report, length, samples, answers, await app.Http.GetStringAsync("metrics"));
    }

    public static string Words(ConcurrentDictionary<string, int> answers) =>
        string.Join(", ", answers.OrderBy(answer => answer.Key).Select(answer => $"{answer.Value} × {answer.Key}"));

    public static async Task RepeatAsync(Func<Task> ask, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await ask();
            await Task.Delay(TimeSpan.FromMilliseconds(10), CancellationToken.None);
        }
    }

    public static void Count(ConcurrentDictionary<string, int> answers, string answer) =>
        answers.AddOrUpdate(answer, 1, (_, count) => count + 1);

    private static void Add(
        Report report, TimeSpan length, List<(long Memory, int Handles)> samples, ConcurrentDictionary<string, int> answers, string metrics)
    {
        (long Memory, int Handles)[][] thirds = [.. samples.Chunk((samples.Count + 2) / 3)];
        string time = string.Create(
            CultureInfo.InvariantCulture, $"{length.TotalMinutes:0.#} min of good, malformed, large and endless requests");
        report.Add($"{time}: most memory in each third", "levels off",
            string.Join(", ", thirds.Select(third => third.Max(sample => sample.Memory) >> 20)) + " MiB");
        report.Add($"{time}: most handles in each third", "levels off",
            string.Join(", ", thirds.Select(third => third.Max(sample => sample.Handles))));
        report.Add($"{time}: answers", "no 500",
            Words(answers));
        report.Add($"{time}: `requests.refused`", "every refusal by its reason", string.Join(", ", metrics.Split('\n')
            .Where(line => line.StartsWith("modeldrop_requests_refused{", StringComparison.Ordinal)).Select(
                line => line.Split("error=")[1].Replace("\"", "", StringComparison.Ordinal).Replace("}", ":", StringComparison.Ordinal))));
    }
}
