using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Standalone.Emulator;
using Modeldrop.Storage;
using Modeldrop.Tensors;

namespace Modeldrop.ScoringBench;

/// <summary>
/// Records a second that the prediction log of one process stores. Faster records fill the buffer, and are then dropped and counted.
/// </summary>
internal static class LogRate
{
    private const int Waiting = 20_000;

    /// <summary>The number of distinct records, so that they compress no better than real ones.</summary>
    private const int Different = 10_007;

    public static async Task RunAsync(Report report, TimeSpan length)
    {
        foreach ((string name, string? data) in (
            (string, string?)[])[("in memory", null), ("on disk", Directory.CreateTempSubdirectory("modeldrop-bench").FullName)])
        {
            await using StorageEmulator emulator = await Server.StartAccountAsync(data);
            foreach (int columns in (int[])[2, 64])
            {
                report.Add(
                    $"records of {columns} floats a second, one model, emulator {name}", "stated",
                    (await MeasureAsync(emulator.ConnectionString, columns, length)).ToString("N0", CultureInfo.InvariantCulture));
            }
        }
    }

    private static async Task<double> MeasureAsync(string connectionString, int columns, TimeSpan length)
    {
        var account = new StorageAccount(Options.Create(new StorageOptions { ConnectionString = connectionString }));
        await account.EnsureCreatedAsync(CancellationToken.None);
        await using ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var log = new PredictionLog(
            account, Options.Create(new PredictionOptions()), TimeProvider.System, services.GetRequiredService<IMeterFactory>(),
            NullLogger<PredictionLog>.Instance);
        await log.StartAsync(CancellationToken.None);
        var model = ModelName.Parse("rate");
        var random = new Random(1);
        Tensor[][] inputs = [.. Enumerable.Range(0, Different).Select(_ => (Tensor[])[RandomRow(random, columns)])];
        Tensor[] outputs = [Tensor.OfBytes("y", Datatype.Fp32, [1, 1], new byte[4])];
        long appended = 0;
        long started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < length)
        {
            if (log.Buffered >= Waiting)
            {
                await Task.Delay(1);
                continue;
            }

            DateTimeOffset now = TimeProvider.System.GetUtcNow();
            log.Append(new ScoredRequest
            {
                Id = log.NextId(model),
                Model = model,
                Version = 1,
                ModelSha256 = "",
                ReceivedAt = now,
                EventTime = now,
                Duration = TimeSpan.FromMilliseconds(1),
                Inputs = inputs[appended % Different],
                Outputs = outputs,
            });
            appended++;
        }

        double stored = appended - log.Buffered;
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await log.StopAsync(CancellationToken.None);
        return stored / seconds;
    }

    private static Tensor RandomRow(Random random, int columns)
    {
        byte[] data = new byte[4 * columns];
        for (int column = 0; column < columns; column++)
        {
            BitConverter.TryWriteBytes(data.AsSpan(4 * column), (float)random.NextDouble());
        }

        return Tensor.OfBytes("x", Datatype.Fp32, [1, columns], data);
    }
}
