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
using Modeldrop.Storage;
using Modeldrop.Tensors;
using Modeldrop.Tests.Predictions;

namespace Modeldrop.Tests.Monitoring;

/// <summary>A log with monitoring, for a model that no other test uses.</summary>
internal sealed class MonitoringWorld
{
    public MonitoringWorld(AzuriteFixture azurite)
    {
        Log = new LogWorld(azurite);
        Runner = RunnerOn(Log.Account);
    }

    public LogWorld Log { get; }

    public ModelName Model { get; } = ModelName.Parse("m" + Guid.NewGuid().ToString("N")[..12]);

    public MonitoringOptions Options { get; } = new();

    public MonitoringRunner Runner { get; }

    /// <summary>A process that folds, on an account whose requests a test can inspect.</summary>
    public MonitoringRunner RunnerOn(StorageAccount account, TimeProvider? clock = null)
    {
        IOptions<MonitoringOptions> options = Microsoft.Extensions.Options.Options.Create(Options);
        var references = new ReferenceProfiles(new VersionStore(account));
        var profiles = new ProfileStore(account);
        var reports = new DriftStore(account);
        return new MonitoringRunner(
            references,
            profiles,
            new FoldService(
                account, new PredictionStore(account), profiles, references, options, clock ?? TimeProvider.System,
                NullLogger<FoldService>.Instance),
            new DriftService(
                references, profiles, reports, new DriftWatch(profiles, new WatchStore(account)), options, clock ?? TimeProvider.System,
                NullLogger<DriftService>.Instance),
            reports);
    }

    public StorageAccount AccountBehind(FaultPolicy policy) => new(Microsoft.Extensions.Options.Options.Create(Log.Settings), [policy]);

    public async Task<ReferenceProfile> SealAsync(int version, params Tensor[] inputs)
    {
        await RegisterAsync(version);
        return await Runner.References.WriteAsync(
            new VersionName(Model, version), ReferenceProfiler.Build(inputs, []), TestContext.Current.CancellationToken);
    }

    /// <summary>Writes the record of a version, without which it can have no documents.</summary>
    public async Task RegisterAsync(int version, Signature? signature = null)
    {
        var record = new ModelVersion
        {
            Model = Model,
            Number = version,
            Digest = "",
            ModelSha256 = "",
            Files = [],
            Inspection = new ModelInspection
            {
                Signature = signature ?? new Signature([], []),
                Opsets = new Dictionary<string, long>(),
                Operators = new Dictionary<string, int>(),
                IrVersion = 8,
                Producer = "",
                Metadata = new Dictionary<string, string>(),
                Parameters = 0,
            },
            Manifest = new Manifest(),
            DroppedAt = DateTimeOffset.UnixEpoch,
            RegisteredAt = DateTimeOffset.UnixEpoch,
            Operation = Ids.Operation("test"),
        };
        await Log.Account.Container(BlobContainers.Models).GetBlobClient($"{Model}/{version}/version.json").UploadAsync(
            BinaryData.FromObjectAsJson(record, StoredJson.Options), overwrite: true, TestContext.Current.CancellationToken);
    }

    public ScoredRequest Request(PredictionLog log, int version, DateTimeOffset eventTime, params Tensor[] inputs) =>
        LogWorld.Request(log, version, Model, eventTime, inputs);

    public async Task<List<HourRow>> HoursAsync(int version)
    {
        var rows = new List<HourRow>();
        await foreach (HourRow row in Runner.Profiles.ReadAsync(
                new VersionName(Model, version), -20_000_000, 80_000_000, TestContext.Current.CancellationToken))
        {
            rows.Add(row);
        }

        return rows;
    }

    /// <summary>The sum of all hours of a version, as bytes that are equal for equal counts.</summary>
    public async Task<string> FingerprintAsync(int version) =>
        string.Join(
            '\n', (await HoursAsync(version)).Select(row => $"{row.Hour} {Convert.ToHexString(HourProfileCodec.Encode(row.Profile))}"));
}

internal sealed record MonitoringRunner(
    ReferenceProfiles References, ProfileStore Profiles, FoldService Fold, DriftService Drift, DriftStore Reports);
