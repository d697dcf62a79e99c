using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;

namespace Modeldrop.Standalone.Demo;

/// <summary>Shows the whole path with the real samples, through the public interfaces only.</summary>
internal sealed class DemoTour(Welcome welcome, IHostApplicationLifetime lifetime) : BackgroundService
{
    private const string Model = "flights";
    private const int SingleRequests = 1000;
    private const int Parallelism = 8;
    private const float KilometresInAMile = 1.609344f;

    private static readonly TimeSpan Week = TimeSpan.FromDays(7);

    private readonly string _samples = FindSamples();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            Uri address = await welcome.Address.WaitAsync(stoppingToken);
            using var client = new DemoClient(address, welcome.ConnectionString, welcome.DropContainer, welcome.Key);
            var watch = Stopwatch.StartNew();
            await RunAsync(client, stoppingToken);
            DemoText.Title($"Done in {watch.Elapsed.TotalSeconds:0} s. The app goes on serving: look at {address}?model={Model} or press Ctrl-C.");
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Ctrl-C.
        }
        catch (Exception exception)
        {
            DemoText.Say($"The demo failed: {exception.Message}");
            Environment.ExitCode = 1;
            lifetime.StopApplication();
        }
    }

    private async Task RunAsync(DemoClient client, CancellationToken cancellationToken)
    {
        await client.WaitAsync("v2/health/ready", _ => true, cancellationToken);
        if (await client.FindAsync($"api/models/{Model}", cancellationToken) is not null)
        {
            DemoText.Say($"This account has '{Model}' already: the same bytes make no new version, and the requests add to those of before.");
            DemoText.Say("To see it from the start, stop the app and delete the emulator's data (.data/azurite).");
        }

        DemoText.Title("1. A logistic regression is dropped: drop/flights/1/model.onnx");
        await DropAsync(client, "1", cancellationToken);

        IReadOnlyList<Flight> stream = await DemoData.ReadFlightsAsync(Path.Combine(_samples, Model, "stream.csv"), cancellationToken);
        DemoText.Title($"2. {SingleRequests:N0} requests, one flight each");
        await ScoreAsync(client, [.. stream.Take(SingleRequests).Select(flight => (new[] { flight }, flight.At))], cancellationToken);
        await ExplainOneAsync(client, stream[0], cancellationToken);

        DemoText.Title("3. Gradient boosting is dropped: drop/flights/2/model.onnx. It has to be no worse than the champion");
        await DropAsync(client, "2", cancellationToken);

        DemoText.Title("4. A model that was trained on shuffled labels is dropped: drop/flights/bad/model.onnx");
        await DropAsync(client, "bad", cancellationToken);

        DemoText.Title($"5. History is replayed under its own event times: {stream.Count:N0} flights, {stream[0].At:d MMMM} to {stream[^1].At:d MMMM yyyy}");
        await ScoreAsync(client, ByHour(stream), cancellationToken);

        DemoText.Title("6. Drift of this traffic against the training data");
        await DriftAsync(client, "The first week", stream[0].At, cancellationToken);
        await DriftAsync(client, "The last week", stream[^1].At - Week + TimeSpan.FromHours(1), cancellationToken);

        // Whole hours after the stream's end: profiles are by the hour, and none may hold both.
        DateTimeOffset end = HourOf(stream[^1].At) + TimeSpan.FromHours(1);
        Flight[] broken = [.. stream
            .Where(flight => flight.At >= end - Week)
            .Select(flight => flight with { At = flight.At + Week, Distance = flight.Distance * KilometresInAMile })];
        DemoText.Title($"7. A feed breaks (made up for this demo): the last week's {broken.Length:N0} flights once more, a week later, their distance in kilometres");
        await ScoreAsync(client, ByHour(broken), cancellationToken);
        await DriftAsync(client, "The broken week", end, cancellationToken);
    }

    /// <summary>Drops one of the samples, shows each step, and returns when the outcome is in force.</summary>
    private async Task DropAsync(DemoClient client, string label, CancellationToken cancellationToken)
    {
        string folder = $"{Model}/{label}";
        string[] known = await OperationIdsAsync(client, cancellationToken);
        await client.DropAsync(folder, FilesOf(label), cancellationToken);

        int shown = 0;
        JsonElement operation = default;
        await client.WaitAsync($"api/operations?model={Model}&pageSize=500", answer =>
        {
            operation = answer.GetProperty("operations").EnumerateArray().FirstOrDefault(candidate =>
                candidate.GetProperty("kind").GetString() == "register" && !known.Contains(candidate.GetProperty("id").GetString()));
            if (operation.ValueKind == JsonValueKind.Undefined)
            {
                return false;
            }

            JsonElement[] steps = [.. operation.GetProperty("steps").EnumerateArray()];
            Array.ForEach(steps[shown..], DemoText.SayStep);
            shown = steps.Length;
            return operation.GetProperty("status").GetString() is "completed" or "failed" or "terminated";
        }, cancellationToken);

        if (!operation.TryGetProperty("outcome", out JsonElement outcome))
        {
            string failure = operation.TryGetProperty("failure", out JsonElement text) ? text.GetString()! : "no reason given";
            throw new InvalidOperationException($"operation {operation.GetProperty("id")} ended as {operation.GetProperty("status")}: {failure}");
        }

        if (outcome.GetString() == "rejected")
        {
            string rejection = await client.ReadDropAsync($"{folder}/rejected.json", cancellationToken) ?? throw new InvalidOperationException("there is no rejected.json");
            DemoText.Say($"REFUSED. drop/{folder}/rejected.json says:");
            DemoText.SayReasons(JsonDocument.Parse(rejection).RootElement);
        }

        DemoText.Say($"{outcome.GetString()}; see {client.Address}api/operations/{operation.GetProperty("id").GetString()}");
        await WaitForChampionAsync(client, cancellationToken);
    }

    /// <summary>Scoring follows the registry a moment later, as on any instance: waits until the champion answers.</summary>
    private static async Task WaitForChampionAsync(DemoClient client, CancellationToken cancellationToken)
    {
        JsonElement champion = await client.GetAsync($"api/models/{Model}/aliases/champion", cancellationToken);
        string version = champion.GetProperty("version").ToString();
        await client.WaitAsync($"v2/models/{Model}/versions/{version}/ready", _ => true, cancellationToken);
        await client.WaitAsync($"v2/models/{Model}/ready", _ => true, cancellationToken);
        DemoText.Say($"version {version} serves");
    }

    private static async Task<string[]> OperationIdsAsync(DemoClient client, CancellationToken cancellationToken)
    {
        JsonElement answer = await client.GetAsync($"api/operations?model={Model}&pageSize=500", cancellationToken);
        return [.. answer.GetProperty("operations").EnumerateArray().Select(operation => operation.GetProperty("id").GetString()!)];
    }

    private static async Task ScoreAsync(DemoClient client, (Flight[] Flights, DateTimeOffset At)[] batches, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        int done = 0;
        var ids = new ConcurrentQueue<string>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(batches, options, async (batch, token) =>
        {
            JsonElement answer = await client.PostAsync($"v2/models/{Model}/infer", DemoData.ToRequest(batch.Flights, batch.At), token);
            ids.Enqueue(answer.GetProperty("parameters").GetProperty("prediction_id").GetString()!);
            int sofar = Interlocked.Increment(ref done);
            if (sofar % Math.Max(1, batches.Length / 4) == 0)
            {
                DemoText.Say($"{sofar,6:N0} of {batches.Length:N0} requests");
            }
        });
        DemoText.Say($"{batches.Sum(batch => batch.Flights.Length):N0} rows in {watch.Elapsed.TotalSeconds:0.0} s, no failure");

        // Answers do not wait for the log (mode buffered), so a drift check right now would miss the last of them.
        foreach (string id in ids.TakeLast(4 * Parallelism))
        {
            await client.WaitAsync($"api/predictions/{id}", _ => true, cancellationToken);
        }
    }

    private static async Task ExplainOneAsync(DemoClient client, Flight flight, CancellationToken cancellationToken)
    {
        JsonElement answer = await client.PostAsync($"v2/models/{Model}/infer", DemoData.ToRequest([flight], null), cancellationToken);
        string? id = answer.GetProperty("parameters").GetProperty("prediction_id").GetString();
        JsonElement prediction = await client.WaitAsync($"api/predictions/{id}", _ => true, cancellationToken);
        DemoText.Say($"prediction {id}: version {prediction.GetProperty("version")}, model {prediction.GetProperty("modelSha256").GetString()![..12]}…");
        if (prediction.TryGetProperty("dataset", out JsonElement dataset))
        {
            DemoText.Say($"  trained on data set {dataset.GetProperty("name").GetString()} version {dataset.GetProperty("version")}, {dataset.GetProperty("digest").GetString()![..12]}…");
        }
    }

    private static async Task DriftAsync(DemoClient client, string window, DateTimeOffset from, CancellationToken cancellationToken)
    {
        DateTimeOffset start = HourOf(from);
        string path = $"api/models/{Model}/drift?from={start.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}&to={(start + Week).UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}";
        DemoText.SayDrift(window, await client.PostAsync(path, null, cancellationToken));
    }

    private static (Flight[] Flights, DateTimeOffset At)[] ByHour(IEnumerable<Flight> flights) =>
        [.. flights
            .GroupBy(flight => HourOf(flight.At))
            .Select(hour => (hour.ToArray(), hour.Key))];

    private static DateTimeOffset HourOf(DateTimeOffset at) => new(at.UtcDateTime.Date.AddHours(at.UtcDateTime.Hour), TimeSpan.Zero);

    private IEnumerable<string> FilesOf(string label)
    {
        string root = Path.Combine(_samples, Model);
        return [Path.Combine(root, "reference.csv"), Path.Combine(root, "validation.csv"), .. Directory.GetFiles(Path.Combine(root, label))];
    }

    private static string FindSamples()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (Directory.Exists(Path.Combine(folder.FullName, "samples", Model)))
            {
                return Path.Combine(folder.FullName, "samples");
            }
        }

        throw new InvalidOperationException("The demo needs the folder 'samples' of the repository.");
    }
}
