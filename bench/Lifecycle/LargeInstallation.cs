using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Registry;
using Modeldrop.Standalone.Emulator;
using Modeldrop.Storage;
using Modeldrop.Tensors;

namespace Modeldrop.LifecycleBench;

/// <summary>
/// An installation with many models: one that was dropped and scored like a user's, and copies of it that are written into the stores.
/// </summary>
internal sealed class LargeInstallation(Server app, StorageEmulator account)
{
    /// <summary>The page of a logged request; <c>&lt;id&gt;</c> is a placeholder.</summary>
    public const string Record = "/console/predictions/<id>";

    private const string Original = "flights";
    private const int VersionsAModel = 10;
    private const int Scored = 300;
    private const int AtOnce = 32;

    private readonly StorageAccount _account = new(
        Options.Create(new StorageOptions { ConnectionString = account.ConnectionString }));

    private readonly BlobContainerClient _models = new(account.ConnectionString, "models");

    /// <summary>Drops the model and requests scores.</summary>
    public async Task RegisterAsync()
    {
        Dictionary<string, byte[]> files = Models.Package(Original, "1");
        await new Drops(app, account).ByFormAsync(Original, files);
        string example = JsonSerializer.Serialize(
            JsonDocument.Parse(files["examples.json"]).RootElement[0].GetProperty("request"));
        long end = Environment.TickCount64 + 120_000;
        for (int sent = 0; sent < Scored;)
        {
            string request = example.Insert(1, $"\"id\":\"order-{sent % 10}\",");
            using var body = new StringContent(request, Encoding.UTF8, "application/json");
            using HttpResponseMessage answer = await app.Http.PostAsync($"v2/models/{Original}/infer", body);
            if (answer.IsSuccessStatusCode)
            {
                sent++;
            }
            else if (Environment.TickCount64 > end)
            {
                throw new InvalidOperationException($"'{Original}' never answered: {await answer.Content.ReadAsStringAsync()}");
            }
            else
            {
                await Task.Delay(200);
            }
        }
    }

    /// <summary>Writes ten versions of each model; the last one is its champion.</summary>
    public async Task CloneAsync(int models)
    {
        var registry = new RegistryStore(_account, TimeProvider.System);
        Dictionary<string, BinaryData> blobs = [];
        await foreach (BlobItem blob in _models.GetBlobsAsync(BlobTraits.None, BlobStates.None, $"{Original}/1/", CancellationToken.None))
        {
            blobs[blob.Name[$"{Original}/1/".Length..]] = (await _models.GetBlobClient(blob.Name).DownloadContentAsync()).Value.Content;
        }

        ModelVersion record = blobs["version.json"].ToObjectFromJson<ModelVersion>(StoredJson.Options)!;
        await Parallel.ForEachAsync(
            Enumerable.Range(0, models), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (number, cancellationToken) =>
            {
                var model = ModelName.Parse($"model-{number:d4}");
                for (int version = 1; version <= VersionsAModel; version++)
                {
                    ModelVersion copy = record with { Model = model, Number = version };
                    foreach ((string name, BinaryData content) in blobs.Where(
                        blob => version == VersionsAModel || blob.Key.EndsWith(".json", StringComparison.Ordinal)))
                    {
                        await _models.GetBlobClient($"{model}/{version}/{name}").UploadAsync(
                            name == "version.json" ? BinaryData.FromObjectAsJson(copy, StoredJson.Options) : content, cancellationToken);
                    }
                }

                await registry.AppendAsync(model, _ => [.. Events(number, record)], cancellationToken);
            });
        await PlaceAsync();
    }

    /// <summary>Logs requests of the dropped model's shape, some seconds apart.</summary>
    /// <returns>The id of one of them.</returns>
    public async Task<string> LogAsync(int predictions)
    {
        await using ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var log = new PredictionLog(
            _account, Options.Create(new PredictionOptions()), TimeProvider.System,
            services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(), NullLogger<PredictionLog>.Instance);
        await log.StartAsync(CancellationToken.None);
        var model = ModelName.Parse("model-0250");
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        string id = "";
        for (int number = 0; number < predictions; number++)
        {
            DateTimeOffset at = now.AddMilliseconds((number - predictions) * 100.0);
            PredictionId next = log.NextId(model);
            id = number == predictions / 2 ? next.ToString() : id;
            var request = new ScoredRequest
            {
                Id = next, Model = model, Version = VersionsAModel, ModelSha256 = "bench", Alias = "champion", ReceivedAt = at,
                EventTime = at, Duration = TimeSpan.FromMilliseconds(1), Inputs = [Number("distance", number % 2_000)],
                Outputs = [Number("label", number % 2)],
            };
            while (!log.Append(request))
            {
                await log.FlushAsync(CancellationToken.None);
            }
        }

        await log.StopAsync(CancellationToken.None);
        return id;
    }

    public async Task CheckDriftAsync()
    {
        using HttpResponseMessage answer = await app.Http.PostAsync(
            $"api/models/{Original}/drift", JsonContent.Create(new { }), CancellationToken.None);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Assigns positions to all events, as the timer does every five minutes while models come one by one.</summary>
    private async Task PlaceAsync()
    {
        var feed = new RegistryFeed(_account);
        for (long before = -1; await feed.EndAsync(CancellationToken.None) is var end && end != before; before = end)
        {
            await feed.PlaceAsync(CancellationToken.None);
        }
    }

    private static IEnumerable<RegistryEvent> Events(int number, ModelVersion record)
    {
        Dictionary<string, string> tags = new() { ["team"] = $"team-{number % 20}" };
        yield return new ModelDescribed($"The model number {number} of many.", tags) { Actor = Actor.System };
        for (int version = 1; version <= VersionsAModel; version++)
        {
            yield return new VersionRegistered(version, $"d{number}-{version}", record.ModelSha256) { Actor = Actor.System };
            foreach ((VersionStatus from, VersionStatus to) in ((VersionStatus, VersionStatus)[])
                [(VersionStatus.Registered, VersionStatus.Validating), (VersionStatus.Validating, VersionStatus.Validated)])
            {
                yield return new VersionStatusChanged(version, from, to) { Actor = Actor.System };
            }
        }

        yield return new VersionStatusChanged(VersionsAModel, VersionStatus.Validated, VersionStatus.Champion) { Actor = Actor.System };
        yield return new AliasMoved("champion", null, VersionsAModel) { Actor = Actor.System };
    }

    private static Tensor Number(string name, float value) =>
        Tensor.OfBytes(name, Datatype.Fp32, [1, 1], BitConverter.GetBytes(value));
}
