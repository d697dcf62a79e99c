using Modeldrop.Exchange.Bundles;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Tests.Registry;

namespace Modeldrop.Tests.Exchange.Bundles;

/// <summary>Bundles beyond 32-bit sizes, at their real size: the zip file has ZIP64 records.</summary>
public sealed class LargeBundleTests
{
    private const long Bytes = 2_200_000_000;

    // head -c 2200000000 /dev/zero | sha256sum
    private const string Sha256 = "5a937555b4853ad95365d9b319cf96579dfd4264b20bffb6d3745bea02adf31d";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WriteAsync_MoreThanFourGibibytes_IsReadableToTheEnd()
    {
        ModelVersion version = Version(("a.data", Bytes), ("b.data", Bytes));
        BundlePart model = BundlePart.Of(BundleEntries.OfFile(ModelVersion.ModelFile), "model"u8.ToArray());
        BundlePlan plan = Plan(version, model);
        using var file = new SparseStream();

        await BundleWriter.WriteAsync(plan.Entries(), file, Open, Token);

        Assert.True(file.Length > 2 * Bytes);
        await using BundleReader reader = await BundleReader.OpenAsync(file, Token);
        Assert.Equal(
            [("files/model.onnx", 5L), ("files/a.data", Bytes), ("files/b.data", Bytes)],
            reader.Files.Select(entry => (entry.Path, entry.Bytes)));
        await reader.VerifyAsync(reader.Files[0], Token);
        await reader.VerifyAsync(reader.Files[2], Token);
        Assert.True(UInt16(file, file.Length - 12) == 3 + plan.Parts.Count - 1 && UInt32(file, file.Length - 6) == uint.MaxValue);
    }

    /// <summary>One file that is larger than its 32-bit header can express.</summary>
    [Fact]
    public async Task WriteAsync_AFileOfMoreThanFourGibibytes_IsUnchanged()
    {
        const long Large = 4_400_000_000;
        BundlePart model = BundlePart.Of(BundleEntries.OfFile(ModelVersion.ModelFile), "model"u8.ToArray());
        using var file = new SparseStream();

        await BundleWriter.WriteAsync(Plan(Version(("a.data", Large)), model).Entries(), file, Open, Token);

        await using BundleReader reader = await BundleReader.OpenAsync(file, Token);
        Assert.Equal(Large, reader.Files[1].Bytes);
        await reader.VerifyAsync(reader.Files[0], Token);
        await using Stream content = await reader.OpenAsync(reader.Files[1], Token);
        byte[] block = new byte[1 << 20];
        long read = 0;
        for (int bytes = 1; bytes > 0; read += bytes)
        {
            bytes = await content.ReadAsync(block, Token);
            Assert.False(block.AsSpan(0, bytes).ContainsAnyExcept((byte)0));
        }

        Assert.Equal(Large, read);
    }

    private static BundlePlan Plan(ModelVersion version, BundlePart model) => BundlePlan.Of(
        version, new VersionOrigin("dev", version.Model, version.Number, version.Digest, null, null),
        [model, .. version.Files.Select(BundlePart.Of)], []);

    private static ModelVersion Version(params (string Name, long Bytes)[] files)
    {
        var drop = new StagedDrop
        {
            Operation = Ids.Operation("op"), Folder = "op", DroppedAs = "flights/model.onnx", ETag = "e",
            Model = ModelName.Parse("flights"),
            Digest = Sha256, Files = [.. files.Select(file => new VersionFile(file.Name, file.Bytes, Sha256))],
            DroppedAt = DateTimeOffset.UnixEpoch, StagedAt = DateTimeOffset.UnixEpoch,
        };
        VersionRegistration registration = RegistryKit.Registration(drop);
        return new ModelVersion
        {
            Model = drop.Model, Number = 1, Digest = drop.Digest, ModelSha256 = Sha256, Files = drop.Files,
            Inspection = registration.Inspection, Manifest = registration.Manifest, DroppedAt = drop.DroppedAt,
            RegisteredAt = drop.StagedAt, Operation = drop.Operation,
        };
    }

    private static Task<Stream> Open(VersionFile file) => Task.FromResult<Stream>(new Zeros(file.Bytes));

    private static uint UInt32(SparseStream file, long at) => BitConverter.ToUInt32(Read(file, at, 4));

    private static ushort UInt16(SparseStream file, long at) => BitConverter.ToUInt16(Read(file, at, 2));

    private static byte[] Read(SparseStream file, long at, int bytes)
    {
        byte[] read = new byte[bytes];
        file.Position = at;
        file.ReadExactly(read);
        return read;
    }
}
