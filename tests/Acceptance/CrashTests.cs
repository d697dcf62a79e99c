using System.Text.Json;
using Azure.Storage.Blobs.Models;

namespace Modeldrop.Tests.Acceptance;

/// <summary>SIGKILL at random moments between the drop and the promotion: nothing is lost, nothing happens twice.</summary>
public sealed class CrashTests : AcceptanceTest
{
    private const int Kills = 20;
    private const int Seed = 20261123;

    /// <summary>A registration takes a few seconds, so kills hit every part of it and the start of the app.</summary>
    private const int MaxLifeMilliseconds = 3000;

    [Fact]
    public async Task Register_KilledAtRandomMoments_MakesOneVersion()
    {
        var random = new Random(Seed);
        AppProcess app = await StartAppAsync();
        string manifest = """{ "label": "species", "task": "classification", "dataset": { "name": "penguins" } }""";
        await Client.DropSampleAsync("penguins", "penguins", "1", System.Text.Encoding.UTF8.GetBytes(manifest));
        for (int kill = 0; kill < Kills; kill++)
        {
            await Task.Delay(random.Next(MaxLifeMilliseconds), TestContext.Current.CancellationToken);
            await app.KillAsync();
            app = await StartAppAsync();
        }

        await Client.WaitForChampionAsync("penguins", version: 1);
        await Client.WaitAsync("api/operations?model=penguins", AllEnded);

        JsonElement head = await Client.WaitAsync("api/models/penguins", _ => true);
        Assert.Equal(1, head.GetProperty("versions").GetArrayLength());
        Assert.Equal("champion", head.GetProperty("versions")[0].GetProperty("status").GetString());

        JsonElement audit = await Client.WaitAsync("api/audit?model=penguins", _ => true);
        string[] kinds = [.. audit.GetProperty("entries").EnumerateArray().Select(entry => Describe(entry.GetProperty("event")))];
        Assert.Equal(
            [
                "versionRegistered", "versionStatusChanged validating", "versionProven", "versionStatusChanged validated",
                "versionStatusChanged champion", "aliasMoved"
            ],
            kinds.OrderBy(kind => kind is "aliasMoved").ToArray());

        Assert.Empty(await BlobsAsync("staging"));
        string[] stored = await BlobsAsync("models");
        Assert.All(stored, name => Assert.StartsWith("penguins/1/", name, StringComparison.Ordinal));
        Assert.Equal(stored.Length, stored.Distinct().Count());
        Assert.DoesNotContain("penguins/rejected.json", await BlobsAsync("drop"));
    }

    private static string Describe(JsonElement registryEvent)
    {
        string kind = registryEvent.GetProperty("kind").GetString()!;
        return kind == "versionStatusChanged" ? $"{kind} {registryEvent.GetProperty("to").GetString()}" : kind;
    }

    private static bool AllEnded(JsonElement answer) =>
        answer.GetProperty("operations").EnumerateArray().All(operation => operation.GetProperty("status").GetString() == "completed");

    private async Task<string[]> BlobsAsync(string container)
    {
        var names = new List<string>();
        await foreach (BlobItem blob in Client.Blobs.GetBlobContainerClient(container).GetBlobsAsync())
        {
            names.Add(blob.Name);
        }

        return [.. names];
    }
}
