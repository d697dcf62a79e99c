using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Modeldrop.Drops;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Lifecycle.Registration;
using Modeldrop.Lifecycle.Validation;
using Modeldrop.Monitoring;
using Modeldrop.Monitoring.Alerts;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Probe;
using Modeldrop.Registry;
using Modeldrop.Scoring.Cache;
using Modeldrop.Signing;
using Modeldrop.Storage;
using Modeldrop.Tests.Probe;
using Modeldrop.Tests.Registry;

namespace Modeldrop.Tests.Lifecycle;

/// <summary>Registration and validation on a fresh account, with the real child process.</summary>
internal sealed class LifecycleKit : IDisposable
{
    private readonly TemporaryFolder _work = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly ProbeService _probe;

    public LifecycleKit(AzuriteFixture azurite)
    {
        Registry = new RegistryKit(azurite);
        _probe = ProbeFixture.Service(Configure);
        Profiles = new ReferenceProfiles(Registry.Versions);
        var validator = new Validator(_probe, Options.Create(ProbeFixture.Options(Configure)), Registry.Clock);
        var lineage = new DatasetLineage(Registry.Datasets);
        Alerts = new AlertStore(Registry.Account, Registry.Clock);
        Late = new LateCompanions(Registry.Service, Registry.Versions, lineage, Alerts, Registry.Clock);
        Slots = new WorkSlots(Registry.Account, Options.Create(new LifecycleOptions()));
        Registration = new RegistrationService(
            Registry.Staging, _probe, Registry.Service, Registry.Versions, lineage,
            Late, Slots, new DropMeter(Meters), new DropSignatures(_probe, Options.Create(Signing)), Options.Create(new RegistryOptions()));
        Validation = new ValidationService(Registry.Service, Registry.Versions, new VersionDownload(Registry.Versions), _probe, validator,
            Profiles, new ValidationReports(Registry.Versions), Options.Create(new MonitoringOptions()));
    }

    public RegistryKit Registry { get; }

    /// <summary>The required signatures: none, unless a test changes it.</summary>
    public SigningOptions Signing { get; } = new();

    public IMeterFactory Meters => _services.GetRequiredService<IMeterFactory>();

    public ProbeService Probe => _probe;

    public RegistrationService Registration { get; }

    public LateCompanions Late { get; }

    public WorkSlots Slots { get; }

    public AlertStore Alerts { get; }

    public ValidationService Validation { get; }

    public ReferenceProfiles Profiles { get; }

    /// <summary>Our files and folders that remain on this machine.</summary>
    public IEnumerable<string> LeftBehind
    {
        get
        {
            // A child may stay for a validation.
            Probe.Dispose();
            return Directory.EnumerateFileSystemEntries(_work.Path);
        }
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Puts files into a folder of the drop container, the model last.</summary>
    /// <param name="files">Names and contents; a <see cref="string"/> content is a sample's path.</param>
    public async Task<DropInput> DropAsync(string operation, string folder, params (string Name, object Content)[] files)
    {
        string etag = "";
        foreach ((string name, object content) in files.OrderBy(file => file.Name == ModelVersion.ModelFile))
        {
            byte[] bytes = content as byte[] ?? await File.ReadAllBytesAsync(SampleFiles.PathOf((string)content), Token);
            etag = (await Registry.Account.Container(BlobContainers.Drop).GetBlobClient($"{folder}/{name}")
                .UploadAsync(new BinaryData(bytes), overwrite: true, Token)).Value.ETag.ToString("G");
        }

        return new DropInput(Ids.Operation(operation), new RegisterInput($"{folder}/{ModelVersion.ModelFile}", etag, "ann"));
    }

    /// <summary>Stages and inspects, without a position in the queue.</summary>
    public async Task<IReadOnlyList<string>> InspectAsync(DropInput drop)
    {
        DropPath path = DropPath.Find(drop.Drop.Path)!;
        StagingResult staged = await Registry.Staging.StageAsync(drop.Operation, path, drop.Drop.ETag, seen: null, Token);
        Assert.Empty(staged.Reasons);
        Assert.False(staged.Superseded);
        return (await Registration.InspectAsync(drop, Token)).Violations;
    }

    /// <summary>Stages, inspects and registers, as the orchestration does.</summary>
    public async Task<RegisterVersionResult> RegisterAsync(DropInput drop)
    {
        Assert.Empty(await InspectAsync(drop));
        return await Registration.RegisterVersionAsync(drop, mustBeWhole: true, Token);
    }

    public async Task<ValidationChecks> ValidateAsync(VersionInput version)
    {
        ValidationChecks checks = await Validation.RunAsync(version, Token);
        await Validation.EndAsync(version, checks.Reasons, Token);
        return checks;
    }

    public async Task<DropRejection?> FindRejectionAsync(DropInput drop) =>
        await Registry.Staging.FindRejectionAsync(DropPath.Find(drop.Drop.Path)!, Token);

    public void Dispose()
    {
        _probe.Dispose();
        _services.Dispose();
        _work.Dispose();
    }

    private void Configure(ProbeOptions options)
    {
        options.WorkRoot = _work.Path;
        options.LatencyRuns = 20;
    }
}
