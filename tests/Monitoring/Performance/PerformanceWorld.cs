using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Lifecycle.Registration;
using Modeldrop.Lifecycle.Validation;
using Modeldrop.Monitoring;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Performance;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Monitoring.Watch;
using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Predictions.Feedback;
using Modeldrop.Scoring.Sessions;
using Modeldrop.Tabular;
using Modeldrop.Tests.Lifecycle;
using Modeldrop.Tests.Probe;
using Modeldrop.Tests.Registry;

namespace Modeldrop.Tests.Monitoring.Performance;

/// <summary>A validated flights model that answers the flights of the stream, and what turned out to be true.</summary>
internal sealed class PerformanceWorld : IDisposable
{
    private readonly ModelSession _session = ModelSession.Load(SampleFiles.PathOf("flights/1/model.onnx"));

    private PerformanceWorld(LifecycleKit kit)
    {
        Kit = kit;
        Feedback = new FeedbackStore(kit.Registry.Account, TimeProvider.System);
        var log = new PredictionStore(kit.Registry.Account);
        IOptions<MonitoringOptions> options = Options.Create(new MonitoringOptions());
        Profiles = new ProfileStore(kit.Registry.Account);
        Drift = new DriftService(
            kit.Profiles, Profiles, new DriftStore(kit.Registry.Account), new DriftWatch(
                Profiles, new WatchStore(kit.Registry.Account)), options, TimeProvider.System, NullLogger<DriftService>.Instance);
        var judged = new JudgedWindows(kit.Registry.Account, Feedback);
        Fold = new FoldService(
            kit.Registry.Account, log, Profiles, kit.Profiles, options, TimeProvider.System, NullLogger<FoldService>.Instance);
        Service = new PerformanceService(kit.Registry.Store, kit.Registry.Versions, log, Feedback, Drift, judged, options);
        ServiceFor = rows =>
            new PerformanceService(kit.Registry.Store, kit.Registry.Versions, log, Feedback, Drift, judged, options) { MaxRows = rows };
    }

    public LifecycleKit Kit { get; }

    public FeedbackStore Feedback { get; }

    public ProfileStore Profiles { get; }

    public DriftService Drift { get; }

    public FoldService Fold { get; }

    public PerformanceService Service { get; }

    /// <summary>One that keeps so many rows in memory.</summary>
    public Func<int, PerformanceService> ServiceFor { get; }

    public static ModelName Flights => RegistryKit.Flights;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<PerformanceWorld> StartAsync(AzuriteFixture azurite)
    {
        var kit = new LifecycleKit(azurite);
        DropInput drop = await kit.DropAsync(
            "op-1", "flights/1",
            [
                ("model.onnx", "flights/1/model.onnx"), ("model.json", "flights/1/model.json"), ("reference.csv", "flights/reference.csv"),
                ("validation.csv", "flights/validation.csv")
            ]);
        RegisterVersionResult registered = await kit.RegisterAsync(drop);
        var version = new VersionInput("op-1", ModelName.Parse("flights"), registered.Version, "ann");
        ValidationChecks checks = await kit.ValidateAsync(version);
        Assert.Empty(checks.Reasons.Concat(checks.Unprofiled));
        return new PerformanceWorld(kit);
    }

    /// <summary>Scores and logs flights, those of an hour in one request.</summary>
    /// <param name="live">They are scored when they happen; else now, with their event times.</param>
    /// <returns>Each with the labels that will turn out.</returns>
    public async Task<IReadOnlyList<FeedbackEntry>> LogAsync(IEnumerable<Table> hours, bool live = false)
    {
        var clock = new FakeTimeProvider(live ? new DateTimeOffset(2001, 1, 1, 0, 0, 0, TimeSpan.Zero) : TimeProvider.System.GetUtcNow());
        using ServiceProvider meters = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var log = new PredictionLog(
            Kit.Registry.Account, Options.Create(new PredictionOptions()), clock,
            meters.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(), NullLogger<PredictionLog>.Instance);
        await log.StartAsync(Token);
        List<FeedbackEntry> labels = [];
        foreach (Table hour in hours)
        {
            DateTimeOffset at = DateTimeOffset.Parse(hour.FindColumn("ts")!.Values[0]!, System.Globalization.CultureInfo.InvariantCulture);
            if (live)
            {
                // A record is written within the hour behind its own.
                await log.FlushAsync(Token);
                clock.SetUtcNow(at);
            }

            MappedRows rows = ColumnMapping.Create(_session.Signature, hour).Read(0, hour.Rows);
            var request = new ScoredRequest
            {
                Id = log.NextId(Flights),
                Model = Flights,
                Version = 1,
                ModelSha256 = "sha",
                Alias = "champion",
                RequestId = null,
                ReceivedAt = clock.GetUtcNow(),
                EventTime = at,
                Duration = TimeSpan.FromMilliseconds(1),
                Inputs = rows.Inputs,
                Outputs = _session.Run(rows.Inputs),
            };
            Assert.True(log.Append(request));
            labels.Add(new FeedbackEntry(request.Id, [.. hour.FindColumn("late")!.Values.Select(value => value!)]));
        }

        await log.StopAsync(Token);
        return labels;
    }

    public async Task TellAsync(IReadOnlyList<FeedbackEntry> labels) => await Feedback.WriteAsync(labels, "ann", Token);

    /// <summary>The stream by hours.</summary>
    public static async Task<IReadOnlyList<Table>> StreamAsync()
    {
        Table stream = await TableReader.ReadAsync(RepositoryFiles.Sample("flights", "stream.csv"), TableLimits.Default, Token);
        TableColumn ts = stream.FindColumn("ts")!;
        return [.. Enumerable.Range(0, stream.Rows).GroupBy(row => ts.Values[row]![..13]).Select(hour => Take(stream, [.. hour]))];
    }

    public void Dispose()
    {
        _session.Dispose();
        Kit.Dispose();
    }

    private static Table Take(Table table, int[] rows) =>
        new([.. table.Columns.Select(column => new TableColumn(column.Name, [.. rows.Select(row => column.Values[row])]))], rows.Length);
}
