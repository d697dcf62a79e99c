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

/// <summary>A validated model that scores a stream, and the labels that arrive later.</summary>
internal sealed class PerformanceWorld : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ModelSession _session;
    private readonly ModelName _model;
    private readonly string _label;

    private PerformanceWorld(LifecycleKit kit, ModelName model, byte[] content, string label)
    {
        string path = Path.Combine(_folder.Path, "model.onnx");
        File.WriteAllBytes(path, content);
        _session = ModelSession.Load(path);
        _model = model;
        _label = label;
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

    /// <summary>A service that keeps this many rows in memory.</summary>
    public Func<int, PerformanceService> ServiceFor { get; }

    public static ModelName Flights => RegistryKit.Flights;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A model of flights for scoring the stream.</summary>
    public static async Task<PerformanceWorld> StartAsync(AzuriteFixture azurite) =>
        await StartAsync(
            azurite, Flights, await File.ReadAllBytesAsync(SampleFiles.PathOf("flights/1/model.onnx"), Token), "late",
            ("model.json", "flights/1/model.json"), ("reference.csv", "flights/reference.csv"),
            ("validation.csv", "flights/validation.csv"));

    /// <param name="label">The column with the true labels.</param>
    /// <param name="files">As for <see cref="LifecycleKit.DropAsync"/>.</param>
    public static async Task<PerformanceWorld> StartAsync(
        AzuriteFixture azurite, ModelName model, byte[] content, string label, params (string Name, object Content)[] files)
    {
        var kit = new LifecycleKit(azurite);
        RegisterVersionResult registered = await kit.RegisterAsync(
            await kit.DropAsync("op-1", $"{model}/1", [("model.onnx", content), .. files]));
        ValidationChecks checks = await kit.ValidateAsync(new VersionInput(Ids.Operation("op-1"), model, registered.Version, "ann"));
        Assert.Empty(checks.Reasons.Concat(checks.Unprofiled));
        return new PerformanceWorld(kit, model, content, label);
    }

    /// <summary>Scores and logs rows, those of an hour in one request.</summary>
    /// <param name="live">Whether rows are scored at their event times; otherwise now, with their event times.</param>
    /// <returns>Each prediction with its later labels.</returns>
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
                // A record is written at most an hour after its own hour.
                await log.FlushAsync(Token);
                clock.SetUtcNow(at);
            }

            MappedRows rows = ColumnMapping.Create(_session.Signature, hour).Read(0, hour.Rows);
            var request = new ScoredRequest
            {
                Id = log.NextId(_model),
                Model = _model,
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
            labels.Add(new FeedbackEntry(request.Id, [.. hour.FindColumn(_label)!.Values.Select(value => value!)]));
        }

        await log.StopAsync(Token);
        return labels;
    }

    public async Task TellAsync(IReadOnlyList<FeedbackEntry> labels) => await Feedback.WriteAsync(labels, "ann", Token);

    /// <summary>The stream by hours.</summary>
    public static async Task<IReadOnlyList<Table>> StreamAsync() =>
        ByHour(await TableReader.ReadAsync(RepositoryFiles.Sample("flights", "stream.csv"), TableLimits.Default, Token));

    public static IReadOnlyList<Table> ByHour(Table rows)
    {
        TableColumn ts = rows.FindColumn("ts")!;
        return [.. Enumerable.Range(0, rows.Rows).GroupBy(row => ts.Values[row]![..13]).Select(hour => Take(rows, [.. hour]))];
    }

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
        Kit.Dispose();
    }

    private static Table Take(Table table, int[] rows) =>
        new([.. table.Columns.Select(column => new TableColumn(column.Name, [.. rows.Select(row => column.Values[row])]))], rows.Length);
}
