using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Modeldrop.Access;

namespace Modeldrop.Standalone.Demo;

/// <summary>Shows the whole way of a model with the real samples, through the public interfaces only.</summary>
internal sealed class DemoTour(Welcome welcome, KeyRing ring) : BackgroundService
{
    private const string Model = "flights";
    private const int SingleRequests = 1000;
    private const int Parallelism = 8;
    private const float KilometresInAMile = 1.609344f;
    private const string Duration = "about a minute on a quiet machine, several on a busy one";

    private static readonly TimeSpan Week = TimeSpan.FromDays(7);

    /// <summary>A part of the tour. A failure in it ends neither the tour nor the app.</summary>
    private sealed record Part(string Title, Func<DemoClient, CancellationToken, Task> RunAsync);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            Uri address = await welcome.Address.WaitAsync(stoppingToken);
            await ring.EnsureLoadedAsync(stoppingToken);
            if (welcome.Key is null && !ring.IsOpen)
            {
                DemoText.Say("The tour needs a key, because this installation has keys: set Access__OwnerKey. The app keeps serving.");
                return;
            }

            using var client = new DemoClient(address, welcome.ConnectionString, welcome.DropContainer, welcome.Key);
            await RunAsync(client, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Ctrl-C.
        }
        catch (Exception exception)
        {
            DemoText.Say($"The tour could not start: {exception.Message} The app keeps serving.");
        }
    }

    private static async Task RunAsync(DemoClient client, CancellationToken cancellationToken)
    {
        string samples = FindSamples();
        await client.WaitAsync("v2/health/ready", _ => true, cancellationToken);
        Part[] parts = PartsOf(samples, await DemoData.ReadFlightsAsync(Path.Combine(samples, Model, "stream.csv"), cancellationToken));
        DemoText.Title($"A tour in {parts.Length} parts. It takes {Duration}.");
        if (await client.FindAsync($"api/models/{Model}", cancellationToken) is not null)
        {
            DemoText.Say($"This account already has '{Model}': the same bytes make no new version, and requests add to the earlier ones.");
            DemoText.Say("To see it from the start, stop the app and delete the emulator's data (.data/azurite).");
        }

        var watch = Stopwatch.StartNew();
        List<int> failed = [];
        for (int number = 1; number <= parts.Length; number++)
        {
            DemoText.Title($"{number} of {parts.Length}: {parts[number - 1].Title}");
            try
            {
                await parts[number - 1].RunAsync(client, cancellationToken);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                failed.Add(number);
                DemoText.Say($"This part failed: {exception.Message} The tour continues.");
            }
        }

        string outcome = failed.Count == 0 ? "" : $" {failed.Count} of {parts.Length} parts failed: {string.Join(", ", failed)}.";
        DemoText.Title($"Done in {watch.Elapsed.TotalSeconds:0} s.{outcome} "
            + $"The app keeps serving: look at {client.Address}console/models/{Model} or press Ctrl-C.");
    }

    private static Part[] PartsOf(string samples, IReadOnlyList<Flight> stream)
    {
        // Whole hours after the stream's end: profiles are by hour, and no hour may contain both streams.
        DateTimeOffset end = HourOf(stream[^1].At) + TimeSpan.FromHours(1);
        Flight[] broken = [.. stream
            .Where(flight => flight.At >= end - Week)
            .Select(flight => flight with { At = flight.At + Week, Distance = flight.Distance * KilometresInAMile })];
        Part Drop(string label, string title) => new(
            $"{title} is dropped: drop/{Model}/{label}/model.onnx",
            (client, cancellationToken) => DropAsync(client, label, FilesOf(samples, label), cancellationToken));
        return
        [
            Drop("1", "A logistic regression"),
            new($"{SingleRequests:N0} requests, one flight each", async (client, cancellationToken) =>
            {
                (Flight[], DateTimeOffset)[] single = [.. stream.Take(SingleRequests).Select(flight => (new[] { flight }, flight.At))];
                await ScoreAsync(client, single, cancellationToken);
                await ExplainOneAsync(client, stream[0], cancellationToken);
            }),
            Drop("2", "Gradient boosting, which must be no worse than the champion,"),
            Drop("bad", "A model that was trained on shuffled labels"),
            new($"{stream.Count:N0} flights, {stream[0].At:d MMMM} to {stream[^1].At:d MMMM yyyy}, are replayed under their own times",
                (client, cancellationToken) => ScoreAsync(client, ByHour(stream), cancellationToken)),
            new("Drift of this traffic against the training data", async (client, cancellationToken) =>
            {
                await DriftAsync(client, "The first week", stream[0].At, cancellationToken);
                await DriftAsync(client, "The last week", stream[^1].At - Week + TimeSpan.FromHours(1), cancellationToken);
            }),
            new($"A feed breaks (made up here): the last week's {broken.Length:N0} flights a week later, distances in kilometres",
                async (client, cancellationToken) =>
                {
                    await ScoreAsync(client, ByHour(broken), cancellationToken);
                    await DriftAsync(client, "The broken week", end, cancellationToken);
                }),
        ];
    }

    /// <summary>Drops one of the samples, prints each step, and returns when the result is in force.</summary>
    private static async Task DropAsync(DemoClient client, string label, IEnumerable<string> files, CancellationToken cancellationToken)
    {
        string folder = $"{Model}/{label}";
        string id = await client.DropAsync(folder, files, cancellationToken);
        int shown = 0;
        int? waiting = null;
        JsonElement operation = await client.WaitAsync($"api/operations/{id}", answer =>
        {
            JsonElement[] steps = [.. answer.GetProperty("steps").EnumerateArray()];
            Array.ForEach(steps[Math.Min(shown, steps.Length)..], DemoText.SayStep);
            shown = steps.Length;
            int? ahead = answer.TryGetProperty("ahead", out JsonElement number) ? number.GetInt32() : null;
            if (ahead is not null && ahead != waiting)
            {
                DemoText.Say($"waits for its turn: {ahead} before it");
            }

            waiting = ahead;
            return answer.GetProperty("status").GetString() is "completed" or "failed" or "terminated";
        }, cancellationToken);

        if (!operation.TryGetProperty("outcome", out JsonElement outcome))
        {
            string failure = operation.TryGetProperty("failure", out JsonElement text) ? text.GetString()! : "no reason given";
            throw new InvalidOperationException($"operation {id} ended as {operation.GetProperty("status")}: {failure}");
        }

        if (outcome.GetString() == "rejected")
        {
            DemoText.Say($"REFUSED. drop/{folder}/rejected.json says:");
            DemoText.SayReasons(operation);
        }

        DemoText.Say($"{outcome.GetString()}; see {client.Address}api/operations/{id}");
        await WaitForChampionAsync(client, cancellationToken);
    }

    /// <summary>Waits until the champion answers: scoring follows the registry a moment later, as on any instance.</summary>
    private static async Task WaitForChampionAsync(DemoClient client, CancellationToken cancellationToken)
    {
        JsonElement champion = await client.GetAsync($"api/models/{Model}/aliases/champion", cancellationToken);
        string version = champion.GetProperty("version").ToString();
        await client.WaitAsync($"v2/models/{Model}/versions/{version}/ready", _ => true, cancellationToken);
        await client.WaitAsync($"v2/models/{Model}/ready", _ => true, cancellationToken);
        DemoText.Say($"version {version} serves");
    }

    private static async Task ScoreAsync(
        DemoClient client, (Flight[] Flights, DateTimeOffset At)[] batches, CancellationToken cancellationToken)
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

        // Answers do not wait for the log (mode buffered), so an immediate drift check would miss the last of them.
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
        DemoText.Say(
            $"prediction {id}: version {prediction.GetProperty("version")}, model "
                + $"{prediction.GetProperty("modelSha256").GetString()![..12]}…");
        if (prediction.TryGetProperty("dataset", out JsonElement dataset))
        {
            DemoText.Say(
                $"  trained on data set {dataset.GetProperty("name").GetString()} version {dataset.GetProperty("version")}, "
                    + $"{dataset.GetProperty("digest").GetString()![..12]}…");
        }
    }

    private static async Task DriftAsync(DemoClient client, string window, DateTimeOffset from, CancellationToken cancellationToken)
    {
        DateTimeOffset start = HourOf(from);
        string path =
            $"api/models/{Model}/drift?from={start.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}&to={(start + Week).UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}";
        DemoText.SayDrift(window, await client.PostAsync(path, null, cancellationToken));
    }

    private static (Flight[] Flights, DateTimeOffset At)[] ByHour(IEnumerable<Flight> flights) =>
        [.. flights
            .GroupBy(flight => HourOf(flight.At))
            .Select(hour => (hour.ToArray(), hour.Key))];

    private static DateTimeOffset HourOf(DateTimeOffset at) => new(at.UtcDateTime.Date.AddHours(at.UtcDateTime.Hour), TimeSpan.Zero);

    private static IEnumerable<string> FilesOf(string samples, string label)
    {
        string root = Path.Combine(samples, Model);
        return [
            Path.Combine(root, "reference.csv"), Path.Combine(root, "validation.csv"), .. Directory.GetFiles(Path.Combine(root, label))];
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
