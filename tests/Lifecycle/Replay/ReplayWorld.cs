using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Lifecycle.Registration;
using Modeldrop.Lifecycle.Replay;
using Modeldrop.Lifecycle.Validation;
using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Scoring.Cache;
using Modeldrop.Scoring.Sessions;
using Modeldrop.Tabular;
using Modeldrop.Tensors;
using Modeldrop.Tests.Probe;
using Modeldrop.Tests.Registry;

namespace Modeldrop.Tests.Lifecycle.Replay;

/// <summary>A champion with a log of its real answers, and candidates to compare with it.</summary>
internal sealed class ReplayWorld : IDisposable
{
    private readonly LifecycleKit _kit;
    private readonly Dictionary<string, DropInput> _drops = [];

    private readonly string _champion;

    private ReplayWorld(AzuriteFixture azurite, ReplayOptions options, string champion)
    {
        _champion = champion;
        Model = ModelName.Parse(champion.Split('/')[0]);
        _kit = new LifecycleKit(azurite);
        Options = options;
        Predictions = new PredictionStore(_kit.Registry.Account);
        Service = new ReplayService(
            _kit.Registry.Service,
            _kit.Registry.Versions,
            _kit.Registry.Staging,
            new ReplayPlanner(Predictions, TimeProvider.System),
            new ReplayRunner(new VersionDownload(_kit.Registry.Versions), _kit.Probe, Predictions, _kit.Profiles),
            new ValidationReports(_kit.Registry.Versions),
            Microsoft.Extensions.Options.Options.Create(options));
    }

    public ReplayService Service { get; }

    public ReplayOptions Options { get; }

    public PredictionStore Predictions { get; }

    public LifecycleKit Kit => _kit;

    public ModelName Model { get; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A sample as version 1 and champion.</summary>
    public static async Task<ReplayWorld> StartAsync(AzuriteFixture azurite, ReplayOptions? options = null, string champion = "flights/1")
    {
        var world = new ReplayWorld(azurite, options ?? new ReplayOptions(), champion);
        VersionInput version = await world.RegisterAsync(champion);
        await world._kit.Registry.Service.MoveAliasAsync(
            world.Model, AliasName.Champion, version.Version, null, RegistryKit.By("promote"), Token);
        return world;
    }

    /// <summary>Registers and validates a sample, up to the start of the replay.</summary>
    /// <param name="manifest">The text of its <c>model.json</c>; null: none.</param>
    public async Task<VersionInput> RegisterAsync(string sample, string? manifest = null)
    {
        string operation = $"op-{_drops.Count + 1}";
        (string, object)[] companions = manifest is null ? [] : [("model.json", System.Text.Encoding.UTF8.GetBytes(manifest))];
        DropInput drop = await _kit.DropAsync(
            operation, $"{Model}/{operation}",
            [("model.onnx", $"{sample}/model.onnx"), ("reference.csv", $"{Model}/reference.csv"), .. companions]);
        RegisterVersionResult registered = await _kit.RegisterAsync(drop);
        var version = new VersionInput(Ids.Operation(operation), Model, registered.Version, "ann");
        ValidationChecks checks = await _kit.ValidateAsync(version);
        Assert.Empty(checks.Reasons.Concat(checks.Unprofiled));
        _drops[operation] = drop;
        return version;
    }

    /// <summary>Logs the champion's answers to rows of the validation data, one row per record.</summary>
    /// <param name="alter">Changes the logged answer.</param>
    public async Task LogAsync(int rows, Func<Tensor, Tensor>? alter = null, string? alias = "champion")
    {
        Table table = await TableReader.ReadAsync(SampleFiles.PathOf($"{Model}/validation.csv"), TableLimits.Default, Token);
        using ModelSession session = ModelSession.Load(SampleFiles.PathOf($"{_champion}/model.onnx"));
        ColumnMapping mapping = ColumnMapping.Create(session.Signature, table);
        using ServiceProvider meters = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var log = new PredictionLog(
            _kit.Registry.Account, Microsoft.Extensions.Options.Options.Create(
                new PredictionOptions { FlushRecords = 100 }), TimeProvider.System,
            meters.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(), NullLogger<PredictionLog>.Instance);
        await log.StartAsync(Token);
        for (int row = 0; row < rows; row++)
        {
            IReadOnlyList<Tensor> inputs = mapping.Read(row % table.Rows, 1).Inputs;
            IReadOnlyList<Tensor> outputs = session.Run(inputs);
            DateTimeOffset now = TimeProvider.System.GetUtcNow();
            log.Append(
                new ScoredRequest
                {
                    Id = log.NextId(Model),
                    Model = Model,
                    Version = 1,
                    ModelSha256 = "sha",
                    Alias = alias,
                    ReceivedAt = now,
                    EventTime = now,
                    Duration = TimeSpan.FromMilliseconds(1),
                    Inputs = inputs,
                    Outputs = alter is null ? outputs : [.. outputs.Select(alter)],
                });
        }

        await log.StopAsync(Token);
        log.Dispose();
    }

    /// <summary>Drops a candidate and takes it through admission, validation and replay.</summary>
    /// <returns>
    /// The names of the checks that refuse it, <c>admission</c> before there is a version; empty: the candidate is valid.
    /// </returns>
    public async Task<IReadOnlyList<string>> JudgeAsync(params (string Name, object Content)[] files)
    {
        string operation = $"op-{_drops.Count + 1}";
        DropInput drop = await _kit.DropAsync(operation, $"{Model}/{operation}", files);
        _drops[operation] = drop;
        if ((await _kit.InspectAsync(drop)).Count > 0)
        {
            return ["admission"];
        }

        RegisterVersionResult registered = await _kit.Registration.RegisterVersionAsync(drop, mustBeWhole: true, Token);
        var version = new VersionInput(Ids.Operation(operation), Model, registered.Version, "ann");
        if ((await _kit.Validation.RunAsync(version, Token)).Reasons.Count == 0)
        {
            await ReplayAsync(version);
        }

        return [.. (await ReportAsync(version)).Checks.Where(check => check.Verdict == CheckVerdict.Failed).Select(check => check.Name)];
    }

    /// <summary>All steps, as in the orchestration.</summary>
    public async Task<ValidationResult> ReplayAsync(VersionInput version)
    {
        ReplayPlan plan = (await Service.PlanAsync(version, Token))!;
        for (int block = 0; block < plan.Blocks; block++)
        {
            await Service.RunBlockAsync(new ReplayBlockInput(version, block), Token);
        }

        return new ValidationResult(await Service.ConcludeAsync(version, Token), []);
    }

    public Task<ValidationReport> ReportAsync(VersionInput version) =>
        new ValidationReports(_kit.Registry.Versions).GetAsync(version.Name, Token);

    public void Dispose() => _kit.Dispose();
}
