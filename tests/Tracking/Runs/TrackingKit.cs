using Microsoft.Extensions.Time.Testing;
using Modeldrop.Registry;
using Modeldrop.Storage;
using Modeldrop.Tests.Registry;
using Modeldrop.Tracking.Artifacts;
using Modeldrop.Tracking.Models;
using Modeldrop.Tracking.Runs;

namespace Modeldrop.Tests.Tracking.Runs;

/// <summary>The services of MLflow's client on one fresh account.</summary>
internal sealed class TrackingKit
{
    public TrackingKit(AzuriteFixture azurite)
    {
        Account = azurite.CreateAccount();
        Store = new TrackingStore(Account);
        Experiments = new ExperimentService(Store, Clock);
        Runs = new RunService(Store, Experiments, Clock);
        Models = new LoggedModelService(Store, Experiments, Runs, Clock);
        Registry = new RegistryKit(azurite, account: Account);
        Artifacts = new ArtifactService(
            new ArtifactStore(Account), new VersionArtifacts(Registry.Service, Registry.Versions), Runs, Models);
        Sources = new SourceReader(Runs, Models);
        Intake = new ModelIntake(Account, Artifacts);
    }

    /// <summary>A caller with access to all models.</summary>
    public static TrackingUser Ann { get; } = new(new Identity("ann", "key", "key a"), SeesAll: true);

    /// <summary>A caller with access to some models.</summary>
    public static TrackingUser Bob { get; } = new(new Identity("bob", "key", "key b"), SeesAll: false);

    public StorageAccount Account { get; }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public RegistryKit Registry { get; }

    public TrackingStore Store { get; }

    public ExperimentService Experiments { get; }

    public RunService Runs { get; }

    public LoggedModelService Models { get; }

    public ArtifactService Artifacts { get; }

    public SourceReader Sources { get; }

    public ModelIntake Intake { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public Task<Run> RunAsync(TrackingUser? by = null) =>
        Runs.CreateAsync(new NewRun("0", null, null, null, new Dictionary<string, string>()), by ?? Ann, Cancellation);

    public Task<LoggedModel> LoggedAsync(string? run = null, TrackingUser? by = null) => Models.CreateAsync(
        new NewLoggedModel("0", "m", null, run, new Dictionary<string, string>(), new Dictionary<string, string>()),
        by ?? Ann, Cancellation);

    public Task PutAsync(ArtifactPath folder, string file, string content, TrackingUser? by = null) => Artifacts.WriteAsync(
        folder.At(file), new MemoryStream(System.Text.Encoding.UTF8.GetBytes(content)), by ?? Ann, Cancellation);
}
