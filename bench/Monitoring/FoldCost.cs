using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Modeldrop.Manifests;
using Modeldrop.Monitoring;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Monitoring.Watch;
using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Registry;
using Modeldrop.Standalone.Emulator;
using Modeldrop.Storage;
using Modeldrop.Tensors;

namespace Modeldrop.MonitoringBench;

/// <summary>
/// The cost of a fold of a large log, of the next fold after one more hour, and of reading the same rows again for the same statistics.
/// </summary>
internal static class FoldCost
{
    private const int Features = 5;
    private const int Days = 30;

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    public static async Task RunAsync(int rows, int rowsARecord)
    {
        await using StorageEmulator emulator = await StorageEmulator.StartAsync(new StorageEmulatorOptions
        {
            ToolsPath = Path.Combine(
                Directory.GetCurrentDirectory(), ".data", "tools"), PreferDefaultPorts = false, Progress = Console.Error.WriteLine,
        });
        var account = new StorageAccount(Options.Create(new StorageOptions { ConnectionString = emulator.ConnectionString }));
        await account.EnsureCreatedAsync(CancellationToken.None);
        ModelName model = ModelName.Parse("bench");
        var random = new Random(1);
        var versions = new VersionStore(account);
        var references = new ReferenceProfiles(versions);
        await RegisterAsync(account, model);
        await references.WriteAsync(
            new VersionName(model, 1), ReferenceProfiler.Build(Tensors(random, 20_000), []), CancellationToken.None);

        DateTimeOffset start = Now - TimeSpan.FromDays(Days);
        Stopwatch writing = Stopwatch.StartNew();
        await LogAsync(account, model, random, rows, rowsARecord, row => start + (TimeSpan.FromDays(Days) * ((double)row / rows)));
        writing.Stop();
        Console.Error.WriteLine($"logged {rows:N0} rows in {writing.Elapsed.TotalSeconds:0} s");

        IOptions<MonitoringOptions> options = Options.Create(new MonitoringOptions());
        var profiles = new ProfileStore(account);
        var log = new PredictionStore(account);
        var fold = new FoldService(account, log, profiles, references, options, TimeProvider.System, NullLogger<FoldService>.Instance);
        var drift = new DriftService(
            references, profiles, new DriftStore(account), new DriftWatch(
                profiles, new WatchStore(account)), options, TimeProvider.System, NullLogger<DriftService>.Instance);
        // Returns the memory of logging to the machine, so that the peak is the fold's.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        long before = Environment.WorkingSet;
        using var memory = new PeakMemory();
        Stopwatch first = Stopwatch.StartNew();
        FoldResult folded = await fold.FoldAsync(model, CancellationToken.None);
        first.Stop();
        long peak = memory.Peak;

        await LogAsync(account, model, random, rows / (24 * Days), rowsARecord, _ => Now);
        Stopwatch second = Stopwatch.StartNew();
        FoldResult more = await fold.FoldAsync(model, CancellationToken.None);
        DriftReport report = await drift.CheckAsync(
            new VersionName(model, 1), Now.AddDays(-1), Now, DriftBaseline.Reference, CancellationToken.None);
        second.Stop();

        Stopwatch reading = Stopwatch.StartNew();
        long read = 0;
        await foreach (LogPack pack in log.ReadPacksAsync(model, Now.AddHours(-4), Now, CancellationToken.None))
        {
            using PackColumns columns = pack.ReadColumns();
            read += columns.Records;
        }

        reading.Stop();
        var table = new Table(
            $"{rows:N0} logged rows of {Features} features, {rowsARecord} a request, on this machine beside Azurite", "what", "seconds",
            "rows a second", "transactions", "MiB in the process");
        table.Add(
            "first fold", first.Elapsed.TotalSeconds, $"{folded.Records * rowsARecord / first.Elapsed.TotalSeconds:N0}",
            folded.Transactions, $"{peak / (1024 * 1024)} ({before / (1024 * 1024)} before)");
        table.Add(
            "of it, reading and unpacking alone", reading.Elapsed.TotalSeconds, $"{read * rowsARecord / reading.Elapsed.TotalSeconds:N0}",
            "", "");
        table.Add(
            $"after one more hour: fold of {more.Records * rowsARecord:N0} rows and check of a day", second.Elapsed.TotalSeconds, "",
            more.Transactions + report.Transactions, "");
        RunPandas(table, rows);
    }

    /// <summary>
    /// Computes the same statistics of as many rows with pandas and scipy, from a CSV file. Skipped if they are not installed.
    /// </summary>
    private static void RunPandas(Table table, int rows)
    {
        string file = Path.GetTempFileName();
        var random = new Random(2);
        using (var writer = new StreamWriter(file))
        {
            writer.WriteLine("a,b,c,hour,origin");
            for (int row = 0; row < rows; row++)
            {
                writer.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Stream.Gauss(random)},{Math.Exp(Stream.Gauss(random))},{random.NextDouble()},{random.Next(24)},v{random.Next(30)}"));
            }
        }

        using Process? python = Process.Start(
            new ProcessStartInfo("/usr/bin/python3", ["bench/Monitoring/reference.py", file]) { RedirectStandardOutput = true });
        string[] answer = python!.StandardOutput.ReadToEnd().Split('\n');
        python.WaitForExit();
        File.Delete(file);
        if (python.ExitCode == 0)
        {
            table.Add("pandas reads the same rows from CSV", double.Parse(answer[0], CultureInfo.InvariantCulture), "", "", "");
            table.Add(
                "scipy: KS, chi-squared, Wasserstein, Jensen-Shannon, PSI of them", double.Parse(answer[1], CultureInfo.InvariantCulture),
                "", "", answer[2]);
        }
    }

    private static async Task LogAsync(
        StorageAccount account, ModelName model, Random random, int rows, int rowsARecord, Func<int, DateTimeOffset> eventTime)
    {
        using ServiceProvider meters = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var log = new PredictionLog(
            account, Options.Create(new PredictionOptions()), TimeProvider.System, meters.GetRequiredService<IMeterFactory>(),
            NullLogger<PredictionLog>.Instance);
        await log.StartAsync(CancellationToken.None);
        for (int row = 0; row < rows; row += rowsARecord)
        {
            var request = new ScoredRequest
            {
                Id = log.NextId(model), Model = model, Version = 1, ModelSha256 = "bench", Alias = "champion", RequestId = null,
                ReceivedAt = Now, EventTime = eventTime(row), Duration = TimeSpan
                    .FromMilliseconds(0.1), Inputs = Tensors(random, rowsARecord), Outputs = [],
            };
            while (!log.Append(request))
            {
                await log.FlushAsync(CancellationToken.None);
            }
        }

        await log.StopAsync(CancellationToken.None);
    }

    /// <summary>Three numbers, an integer and a category.</summary>
    private static Tensor[] Tensors(Random random, int rows) =>
    [
        Stream.Normal.ToTensor("a", [.. Enumerable.Range(0, rows).Select(_ => Stream.Gauss(random))]),
        Stream.Normal.ToTensor("b", [.. Enumerable.Range(0, rows).Select(_ => Math.Exp(Stream.Gauss(random)))]),
        Stream.Normal.ToTensor("c", [.. Enumerable.Range(0, rows).Select(_ => random.NextDouble())]),
        Stream.Normal.ToTensor("hour", [.. Enumerable.Range(0, rows).Select(_ => (double)random.Next(24))]),
        Stream.Category(30).ToTensor("origin", [.. Enumerable.Range(0, rows).Select(_ => (double)random.Next(30))]),
    ];

    /// <summary>A version has documents only when it has its record.</summary>
    private static async Task RegisterAsync(StorageAccount account, ModelName model)
    {
        var record = new ModelVersion
        {
            Model = model, Number = 1, Digest = "", ModelSha256 = "", Files = [], Manifest = new Manifest(),
            DroppedAt = DateTimeOffset.UnixEpoch, RegisteredAt = DateTimeOffset.UnixEpoch,
            Operation = OperationId.Parse($"{model}~register~bench"),
            Inspection = new ModelInspection
            {
                Signature = new Signature([], []), Opsets = new Dictionary<string, long>(), Operators = new Dictionary<string, int>(),
                IrVersion = 8, Producer = "", Metadata = new Dictionary<string, string>(), Parameters = 0,
            },
        };
        await account.Container(BlobContainers.Models).GetBlobClient(string.Create(CultureInfo.InvariantCulture, $"{model}/1/version.json"))
            .UploadAsync(BinaryData.FromObjectAsJson(record, StoredJson.Options), overwrite: true);
    }

    /// <summary>The process's peak memory since this object was created.</summary>
    private sealed class PeakMemory : IDisposable
    {
        private readonly Timer _timer;
        private long _peak;

        public PeakMemory() => _timer = new Timer(_ => _peak = Math.Max(_peak, Environment.WorkingSet), null, 0, 50);

        public long Peak => _peak;

        public void Dispose() => _timer.Dispose();
    }
}
