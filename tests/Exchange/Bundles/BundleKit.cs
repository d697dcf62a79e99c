using System.IO.Compression;
using Microsoft.Extensions.Options;
using Modeldrop.Drops;
using Modeldrop.Exchange;
using Modeldrop.Exchange.Bundles;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Signing;
using Modeldrop.Tests.Registry;

namespace Modeldrop.Tests.Exchange.Bundles;

/// <summary>An installation with versions to export.</summary>
/// <param name="registry">The installation's registry; null: an empty one.</param>
/// <param name="key">The signing key, PEM; null: the installation does not sign.</param>
/// <param name="signer">Signs instead; null: the key.</param>
internal sealed class BundleKit(
    AzuriteFixture azurite, string installation = "dev", RegistryKit? registry = null, string? key = null, ModelSigner? signer = null)
{
    public RegistryKit Registry { get; } = registry ?? new(azurite);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A new export, as in another process of the installation.</summary>
    public BundleExport Export
    {
        get
        {
            var versions = new VersionStore(Registry.Account);
            var seals = new BundleSeals(versions, signer ?? new ModelSigner(Options.Create(new SigningOptions { Key = key })));
            return new BundleExport(Registry.Service, Registry.Store, versions, Registry.Datasets, seals, Options.Create(
                new ExchangeOptions { Installation = installation }));
        }
    }

    /// <summary>Makes a validated version from files, with a report.</summary>
    public async Task<VersionName> RegisterAsync(params (string Name, string Content)[] files)
    {
        string etag = "";
        foreach ((string name, string content) in files.OrderBy(file => file.Name == ModelVersion.ModelFile))
        {
            etag = await Registry.DropAsync($"flights/x/{name}", content);
        }

        DropPath path = DropPath.Find("flights/x/model.onnx")!;
        StagedDrop drop = (await Registry.Staging.StageAsync(Ids.Operation("op"), path, etag, seen: null, Token)).Drop!;
        RegisteredVersion made = await Registry.Service.RegisterVersionAsync(RegistryKit.Registration(drop), Token);
        var version = new VersionName(made.Model, made.Version);
        foreach (VersionStatus status in new[] { VersionStatus.Validating, VersionStatus.Validated })
        {
            await Registry.Service.SetStatusAsync(version, status, null, RegistryKit.By("op"), Token);
        }

        await Registry.Versions.WriteDocumentAsync(version, VersionDocuments.Report, "{\"isValid\":true}"u8.ToArray(), Token);
        return version;
    }

    public async Task<byte[]> ExportAsync(VersionName version, bool withData = false)
    {
        BundleExport export = Export;
        await using var output = new OneWayStream();
        await export.WriteAsync(await export.PlanAsync(version, withData, Token), output, Token);
        return output.ToArray();
    }

    public static SortedDictionary<string, byte[]> Unpack(byte[] bundle)
    {
        using var archive = new ZipArchive(new MemoryStream(bundle));
        var entries = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (ZipArchiveEntry entry in archive.Entries)
        {
            using var content = new MemoryStream();
            using Stream stream = entry.Open();
            stream.CopyTo(content);
            entries.Add(entry.FullName, content.ToArray());
        }

        return entries;
    }

    /// <summary>A stream like a response body: not seekable, with asynchronous writes only.</summary>
    private sealed class OneWayStream : MemoryStream
    {
        public override bool CanSeek => false;

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Write(byte[] buffer, int offset, int count) => throw new InvalidOperationException("Synchronous.");

        public override void Write(ReadOnlySpan<byte> buffer) => throw new InvalidOperationException("Synchronous.");

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            base.Write(buffer.ToArray(), 0, buffer.Length);
            return ValueTask.CompletedTask;
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        {
            base.Write(buffer, offset, count);
            return Task.CompletedTask;
        }
    }
}
