using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.ML.OnnxRuntime.Tensors;
using Modeldrop.Standalone.Emulator;
using Modeldrop.Tests.Scoring;

namespace Modeldrop.ScoringBench;

/// <summary>
/// Malformed, large and endless requests beside good ones: memory and handles level off, and every refusal is counted by its reason.
/// </summary>
internal static class Soak
{
    /// <summary>A model that takes pairs of floats.</summary>
    public const string Model = "soak";

    private const int GoodCallers = 4;
    private const int LargeBytes = 20 << 20;

    private static readonly TimeSpan BetweenSamples = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan EndlessFor = TimeSpan.FromSeconds(5);

    public static byte[] Good { get; } = Encoding.UTF8.GetBytes(
        """{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}]}""");

    public static async Task RunAsync(Report report, TimeSpan length)
    {
        await using StorageEmulator account = await Server.StartAccountAsync();
        string data = Directory.CreateTempSubdirectory("modeldrop-bench").FullName;
        await using Server app = await Server.StartAppAsync(data, Server.Connection(account));
        Target target = await Models.RegisterAsync(
            app, Model, OnnxBuilder.Identity(TensorElementType.Float, -1, 2), new JsonObject { ["mode"] = "buffered" }, Good);

        using var stop = new CancellationTokenSource(length);
        ConcurrentDictionary<string, int> answers = new();
        List<(long Memory, int Handles)> samples = [];
        Task[] load =
        [
            .. Enumerable.Range(0, GoodCallers).Select(_ => RepeatAsync(() => AskAsync(app, target.Path, Good, answers), stop.Token)),
            .. BadRequests(app, answers, stop.Token),
        ];
        while (!stop.IsCancellationRequested)
        {
            samples.Add((app.WorkingSet, Directory.GetFileSystemEntries($"/proc/{app.ProcessId}/fd").Length));
            await Task.Delay(BetweenSamples, CancellationToken.None);
        }

        await Task.WhenAll(load);
        Add(report, length, samples, answers, await app.Http.GetStringAsync("metrics"));
    }

    /// <summary>Malformed, large and endless requests to <see cref="Model"/>, one of each kind at a time.</summary>
    public static IEnumerable<Task> BadRequests(Server app, ConcurrentDictionary<string, int> answers, CancellationToken stop)
    {
        string path = $"v2/models/{Model}/infer";
        byte[] large = Large();
        return
        [
            .. Malformed().Select(bad => RepeatAsync(() => AskAsync(app, bad.Path, bad.Body, answers), stop)),
            RepeatAsync(() => AskAsync(app, path, large, answers), stop),
            RepeatAsync(() => EndlessAsync(app, path, answers), stop),
        ];
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
        int third = samples.Count / 3;
        (long memory, int handles) = (samples.Take(third).Max(sample => sample.Memory), samples.Take(third).Max(sample => sample.Handles));
        (long lastMemory, int lastHandles) = (
            samples.TakeLast(third).Max(sample => sample.Memory), samples.TakeLast(third).Max(sample => sample.Handles));
        string time = string.Create(
            CultureInfo.InvariantCulture, $"{length.TotalMinutes:0.#} min of good, malformed, large and endless requests");
        report.Add($"{time}: most memory, first and last third", "levels off",
            string.Create(CultureInfo.InvariantCulture, $"{memory >> 20} and {lastMemory >> 20} MiB"));
        report.Add($"{time}: most handles, first and last third", "levels off",
            string.Create(CultureInfo.InvariantCulture, $"{handles} and {lastHandles}"));
        report.Add($"{time}: answers", "no 500",
            Words(answers));
        report.Add($"{time}: `requests.refused`", "every refusal by its reason", string.Join(", ", metrics.Split('\n')
            .Where(line => line.StartsWith("modeldrop_requests_refused{", StringComparison.Ordinal)).Select(
                line => line.Split("error=")[1].Replace("\"", "", StringComparison.Ordinal).Replace("}", ":", StringComparison.Ordinal))));
    }

    /// <summary>The bodies of small attacks.</summary>
    private static IEnumerable<(string Path, byte[] Body)> Malformed()
    {
        const string Infer = "v2/models/soak/infer";
        yield return (Infer, Encoding.UTF8.GetBytes("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,"""));
        yield return (Infer, Encoding.UTF8.GetBytes($$"""{"inputs":[],"outputs":[{{string.Join(",", Enumerable.Range(0, 40_000).Select(index => $$"""{"name":"n{{index}}"}"""))}}]}"""));
        yield return (Infer, Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("[", 100_000))));
        yield return ("models/soak/invocations", Encoding.UTF8.GetBytes(
            $$"""{"dataframe_records":[{{string.Join(",", Enumerable.Range(0, 5_000).Select(row => $$"""{"k{{row}}":1}"""))}}]}"""));
        yield return ("api/models/soak/rollback",
            Encoding.UTF8.GetBytes($$"""{{{string.Join(",", Enumerable.Range(0, 5_000).Select(member => $"\"m{member}\":1"))}}}"""));
        yield return ("v2/models/nobody/infer", Encoding.UTF8.GetBytes("{}"));
    }

    private static byte[] Large()
    {
        string numbers = string.Join(",", Enumerable.Repeat("0.125", LargeBytes / 6 / 2 * 2));
        int rows = (numbers.Length + 1) / 6 / 2;
        return Encoding.UTF8.GetBytes($$"""{"inputs":[{"name":"x","shape":[{{rows}},2],"datatype":"FP32","data":[{{numbers}}]}]}""");
    }

    private static async Task AskAsync(Server app, string path, byte[] body, ConcurrentDictionary<string, int> answers)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("application/json");
        using HttpResponseMessage response = await app.Http.PostAsync(path, content, CancellationToken.None);
        byte[] answer = await response.Content.ReadAsByteArrayAsync(CancellationToken.None);
        Count(answers, response.IsSuccessStatusCode || answer.Length <= 8 * 1024 ? $"{(int)response.StatusCode}"
            : $"{(int)response.StatusCode} of {answer.Length} bytes");
    }

    /// <summary>Sends a body of single spaces until the sender gives up.</summary>
    private static async Task EndlessAsync(Server app, string path, ConcurrentDictionary<string, int> answers)
    {
        using var patience = new CancellationTokenSource(EndlessFor);
        try
        {
            using var content = new StreamContent(new EndlessStream());
            using HttpResponseMessage response = await app.Http.PostAsync(path, content, patience.Token);
            Count(answers, $"{(int)response.StatusCode}");
        }
        catch (OperationCanceledException)
        {
            Count(answers, "given up");
        }
    }

    private sealed class EndlessStream : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);
            buffer.Span[0] = (byte)' ';
            return 1;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
