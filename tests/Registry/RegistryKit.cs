using System.Text;
using Azure;
using Azure.Storage.Blobs.Models;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Modeldrop.Drops;
using Modeldrop.Manifests;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Storage;
using Modeldrop.Tensors;

namespace Modeldrop.Tests.Registry;

/// <summary>The registry's services on one fresh account, and packages for them.</summary>
internal sealed class RegistryKit
{
    /// <param name="account">Null: a fresh one.</param>
    public RegistryKit(AzuriteFixture azurite, RegistryOptions? options = null, StorageAccount? account = null)
    {
        Account = account ?? azurite.CreateAccount();
        Store = new RegistryStore(Account, Clock);
        Versions = new VersionStore(Account);
        Service = new RegistryService(Store, Versions, Clock, NullLogger<RegistryService>.Instance);
        Staging = new DropStaging(Account, Options.Create(options ?? new RegistryOptions()), Clock);
        Datasets = new DatasetStore(Account, Clock);
    }

    public static ModelName Flights { get; } = ModelName.Parse("flights");

    public StorageAccount Account { get; }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public RegistryStore Store { get; }

    public VersionStore Versions { get; }

    public RegistryService Service { get; }

    public DropStaging Staging { get; }

    public DatasetStore Datasets { get; }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static Actor By(string operation, string name = "ann") => new(name, Operation: Ids.Operation(operation));

    public async Task<string> DropAsync(string blobName, string content)
    {
        Response<BlobContentInfo> response = await Account.Container(BlobContainers.Drop).GetBlobClient(blobName)
            .UploadAsync(new BinaryData(Encoding.UTF8.GetBytes(content)), overwrite: true, Cancelled);
        return response.Value.ETag.ToString("G");
    }

    /// <summary>Drops a model with this content and stages it for the operation.</summary>
    public async Task<StagedDrop> StageAsync(string operation, string content, string model = "flights")
    {
        string blob = $"{model}/{operation}/model.onnx";
        string etag = await DropAsync(blob, content);
        StagingResult result = await Staging.StageAsync(Ids.Operation(operation), DropPath.Find(blob)!, etag, seen: null, Cancelled);
        return result.Drop!;
    }

    public static VersionRegistration Registration(StagedDrop drop) => new()
    {
        Drop = drop,
        Manifest = new Manifest { Description = "late flights" },
        Actor = new Actor("ann", "nightly"),
        Inspection = new ModelInspection
        {
            Signature = new Signature(
                [new TensorSpec("x", Datatype.Fp32, [-1, 4])], [
                    new TensorSpec("label", Datatype.Int64, [-1]), new TensorSpec("names", Datatype.Bytes, [])]),
            Opsets = new Dictionary<string, long> { ["ai.onnx"] = 17 },
            Operators = new Dictionary<string, int> { ["ai.onnx:Gemm"] = 1 },
            IrVersion = 8,
            Producer = "test",
            Metadata = new Dictionary<string, string>(),
            Parameters = 5,
        },
    };

    public async Task<int> RegisterAsync(string operation, string content, string model = "flights")
    {
        StagedDrop drop = await StageAsync(operation, content, model);
        return (await Service.RegisterVersionAsync(Registration(drop), Cancelled)).Version;
    }

    /// <summary>Registers and validates: the version may serve.</summary>
    public async Task<int> ValidateAsync(string operation, string model = "flights")
    {
        ModelName name = ModelName.Parse(model);
        int version = await RegisterAsync(operation, operation, model);
        await Service.SetStatusAsync(new VersionName(name, version), VersionStatus.Validating, null, By(operation), Cancelled);
        await Service.SetStatusAsync(new VersionName(name, version), VersionStatus.Validated, null, By(operation), Cancelled);
        return version;
    }

    /// <summary>Writes the version's files and its record, without the registry.</summary>
    public async Task WriteAsync(ModelVersion version, string stagingFolder) => Assert.True(await Versions.TryWriteAsync(
        version, stagingFolder, await Versions.ReadFolderAsync(version.Name, Cancelled), Cancelled));

    public async Task<List<RegistryEvent>> EventsAsync(string model = "flights") =>
        await Store.ReadEventsAsync(ModelName.Parse(model), null, null, Cancelled).ToListAsync(Cancelled);

    public async Task<List<string>> BlobsAsync(string container, string prefix = "")
    {
        var options = new GetBlobsOptions { Prefix = prefix };
        return await Account.Container(container).GetBlobsAsync(options, Cancelled).Select(blob => blob.Name).ToListAsync(Cancelled);
    }

    public async Task<string> ReadAsync(string container, string blob) =>
        (await Account.Container(container).GetBlobClient(blob).DownloadContentAsync(Cancelled)).Value.Content.ToString();

    public static string Json(ModelHead head) => System.Text.Json.JsonSerializer.Serialize(head, StoredJson.Options);

    public async Task AssertHeadIsSumOfEventsAsync(string model)
    {
        List<RegistryEvent> events = await EventsAsync(model);
        ModelHead rebuilt = events.Aggregate(ModelHead.Empty(ModelName.Parse(model)), (head, one) => head.Apply(one));
        (ModelHead stored, _) = await Store.ReadAsync(ModelName.Parse(model), null, Cancelled);
        Assert.Equal(Json(rebuilt), Json(stored));
        Assert.Equal(Enumerable.Range(1, events.Count).Select(number => (long)number), events.Select(one => one.Sequence));
        Assert.Equal(events.Select(one => one.At).Order(), events.Select(one => one.At));
    }
}
