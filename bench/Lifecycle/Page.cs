using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Options;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Standalone.Emulator;
using Modeldrop.Storage;

namespace Modeldrop.LifecycleBench;

/// <summary>The catalogue page of many models: the first and the last page.</summary>
internal static class Page
{
    private const int Repeats = 20;

    public static async Task RunAsync(Report report, int models)
    {
        string data = Directory.CreateTempSubdirectory("modeldrop-bench").FullName;
        await using StorageEmulator account = await Server.StartAccountAsync();
        await using Server app = await Server.StartAppAsync(data, Server.Connection(account));
        var registry = new RegistryStore(
            new StorageAccount(Options.Create(new StorageOptions { ConnectionString = account.ConnectionString })), TimeProvider.System);
        for (int model = 0; model < models; model++)
        {
            await registry.AppendAsync(ModelName.Parse($"model-{model:d4}"), _ =>
            [
                new VersionRegistered(1, $"d{model}", $"m{model}") { Actor = Actor.System },
                new ModelDescribed("one of many", null) { Actor = Actor.System },
            ], CancellationToken.None);
        }

        foreach (int page in (int[])[1, (models + 99) / 100])
        {
            List<double> times = [];
            for (int repeat = 0; repeat < Repeats; repeat++)
            {
                long start = Stopwatch.GetTimestamp();
                await app.Http.GetStringAsync($"?page={page}");
                times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            }

            report.Add(
                string.Create(CultureInfo.InvariantCulture, $"`GET /?page={page}` with {models} models"), "",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Report.Median(times) * 1000:0} ms ({times.Min() * 1000:0} to {times.Max() * 1000:0})"));
        }
    }
}
