using System.Diagnostics;
using System.Text.Json;

namespace Modeldrop.Functions.Local;

/// <summary>Shows the whole path with the real samples, through the public interfaces only.</summary>
internal sealed class Demo(Welcome welcome, IHostApplicationLifetime lifetime) : BackgroundService
{
    private const string Model = "flights";
    private const int SingleRequests = 1000;
    private const int Parallelism = 8;

    private readonly string _samples = FindSamples();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Uri address = await welcome.Address.WaitAsync(stoppingToken);
        using var client = new DemoClient(address, welcome.ConnectionString);
        var watch = Stopwatch.StartNew();
        try
        {
            await RunAsync(client, stoppingToken);
            Say($"The demo took {watch.Elapsed.TotalSeconds:0} s. The app goes on serving: look at {address} or press Ctrl-C.");
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Ctrl-C.
        }
        catch (Exception exception)
        {
            Say($"The demo failed: {exception.Message}");
            Environment.ExitCode = 1;
            lifetime.StopApplication();
        }
    }

    private async Task RunAsync(DemoClient client, CancellationToken cancellationToken)
    {
        await client.WaitAsync("v2/health/live", _ => true, cancellationToken);

        Title("1. A logistic regression is dropped: drop/flights/1/model.onnx");
        await DropAndFollowAsync(client, "1", cancellationToken);

        IReadOnlyList<Flight> stream = await DemoData.ReadFlightsAsync(Path.Combine(_samples, Model, "stream.csv"), cancellationToken);
        Title($"2. {SingleRequests:N0} requests, one flight each");
        await ScoreAsync(client, [.. stream.Take(SingleRequests).Select(flight => (new[] { flight }, flight.At))], cancellationToken);
        await ExplainOneAsync(client, stream[0], cancellationToken);

        Title("3. Gradient boosting is dropped: better than the champion, so it takes its place");
        await DropAndFollowAsync(client, "2", cancellationToken);

        Title("4. A model that was trained on shuffled labels is dropped: refused");
        await DropAndFollowAsync(client, "bad", cancellationToken);

        (Flight[], DateTimeOffset)[] hours = [.. stream
            .GroupBy(flight => flight.At.UtcDateTime.Date.AddHours(flight.At.UtcDateTime.Hour))
            .Select(hour => (hour.ToArray(), new DateTimeOffset(hour.Key, TimeSpan.Zero)))];
        Title($"5. History is replayed under its own event times: {stream.Count:N0} flights, {stream[0].At:d MMMM} to {stream[^1].At:d MMMM yyyy}");
        await ScoreAsync(client, hours, cancellationToken);

        Title("6. Drift against the training data");
        await DriftAsync(client, "the first week", stream[0].At, stream[0].At.AddDays(7), cancellationToken);
        await DriftAsync(client, "the last week", stream[^1].At.AddDays(-7), stream[^1].At.AddHours(1), cancellationToken);
    }

    private async Task DropAndFollowAsync(DemoClient client, string label, CancellationToken cancellationToken)
    {
        string folder = $"{Model}/{label}";
        string[] known = await OperationIdsAsync(client, cancellationToken);
        await client.DropAsync(folder, FilesOf(label), cancellationToken);

        string? id = null;
        int shown = 0;
        await client.WaitAsync($"api/operations?model={Model}&pageSize=500", answer =>
        {
            JsonElement? operation = answer.GetProperty("operations").EnumerateArray()
                .Where(candidate => candidate.GetProperty("kind").GetString() == "register" && !known.Contains(candidate.GetProperty("id").GetString()))
                .Select(candidate => (JsonElement?)candidate)
                .FirstOrDefault();
            if (operation is not { } found)
            {
                return false;
            }

            id = found.GetProperty("id").GetString();
            JsonElement[] steps = [.. found.GetProperty("steps").EnumerateArray()];
            foreach (JsonElement step in steps[shown..])
            {
                string detail = step.TryGetProperty("detail", out JsonElement text) ? $"  {text.GetString()}" : "";
                Say($"{step.GetProperty("at").GetDateTime():HH:mm:ss.f}  {step.GetProperty("name").GetString(),-20}{detail}");
            }

            shown = steps.Length;
            return found.GetProperty("status").GetString() is "completed" or "failed" or "terminated";
        }, cancellationToken);

        if (await client.ReadDropAsync($"{folder}/rejected.json", cancellationToken) is { } rejection)
        {
            Say($"drop/{folder}/rejected.json says:");
            foreach (JsonElement reason in JsonDocument.Parse(rejection).RootElement.GetProperty("reasons").EnumerateArray())
            {
                Say($"  {reason.GetString()}");
            }
        }

        Say($"see /api/operations/{id}");
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
        var options = new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(batches, options, async (batch, token) =>
        {
            await client.PostAsync($"v2/models/{Model}/infer", DemoData.ToRequest(batch.Flights, batch.At), token);
            int sofar = Interlocked.Increment(ref done);
            if (sofar % Math.Max(1, batches.Length / 4) == 0)
            {
                Say($"{sofar,6:N0} of {batches.Length:N0} requests");
            }
        });
        Say($"{batches.Sum(batch => batch.Flights.Length):N0} rows in {watch.Elapsed.TotalSeconds:0.0} s, no failure");
    }

    private static async Task ExplainOneAsync(DemoClient client, Flight flight, CancellationToken cancellationToken)
    {
        JsonElement answer = await client.PostAsync($"v2/models/{Model}/infer", DemoData.ToRequest([flight], null), cancellationToken);
        string? id = answer.GetProperty("parameters").GetProperty("prediction_id").GetString();
        JsonElement prediction = await client.WaitAsync($"api/predictions/{id}", _ => true, cancellationToken);
        Say($"prediction {id}: version {prediction.GetProperty("version")}, model {prediction.GetProperty("modelSha256").GetString()![..12]}…");
        if (prediction.TryGetProperty("dataset", out JsonElement dataset))
        {
            Say($"  trained on data set {dataset.GetProperty("name").GetString()} version {dataset.GetProperty("version")}, {dataset.GetProperty("digest").GetString()![..12]}…");
        }
    }

    private static async Task DriftAsync(DemoClient client, string window, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        string path = $"api/models/{Model}/drift?from={from.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}&to={to.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}";
        JsonElement result = await client.PostAsync(path, null, cancellationToken);
        Say($"{window}: {result.GetProperty("summary").GetString()}");
        foreach (JsonElement feature in result.GetProperty("features").EnumerateArray())
        {
            string name = (feature.GetProperty("isOutput").GetBoolean() ? "output " : "") + feature.GetProperty("name").GetString();
            string verdict = feature.TryGetProperty("noVerdict", out JsonElement reason) ? reason.GetString()!
                : feature.GetProperty("drifted").GetBoolean() ? "DRIFTED" : "stable";
            IEnumerable<string> statistics = feature.GetProperty("statistics").EnumerateArray()
                .Select(statistic => $"{statistic.GetProperty("name").GetString()} {statistic.GetProperty("value").GetDouble():0.000}");
            Say($"  {name,-26} {verdict,-8} {string.Join("  ", statistics)}");
        }
    }

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

    private static void Title(string text) => Console.WriteLine($"\n== {text}");

    private static void Say(string text) => Console.WriteLine($"   {text}");
}
