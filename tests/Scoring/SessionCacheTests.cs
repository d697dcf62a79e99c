using Microsoft.ML.OnnxRuntime.Tensors;
using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Scoring.Cache;
using Modeldrop.Tensors;
using Tensor = Modeldrop.Tensors.Tensor;

namespace Modeldrop.Tests.Scoring;

public sealed class SessionCacheTests
{
    private static readonly ModelName Model = ModelName.Parse("m");
    private static readonly byte[] Onnx = OnnxBuilder.Identity(TensorElementType.Float, -1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GetAsync_ManyAtOnce_LoadsOnce()
    {
        using var kit = new ScoringKit();
        VersionEntry version = kit.Add("m", Onnx);
        var gate = new TaskCompletionSource();
        kit.BeforeOpen = _ => gate.Task;
        Task<LoadedVersion>[] waiting = [
            .. Enumerable.Range(0, 20).Select(_ => kit.Sessions.GetAsync(Model, version, Cancellation).AsTask())];
        gate.SetResult();

        LoadedVersion[] sessions = await Task.WhenAll(waiting);

        Assert.Single(sessions.Distinct());
        // Companions such as reference.csv are not fetched.
        Assert.Equal(1, kit.Opened);
        Array.ForEach(sessions, session => session.Dispose());
    }

    [Fact]
    public async Task GetAsync_OneCallerCancels_TheOthersGetIt()
    {
        using var kit = new ScoringKit();
        VersionEntry version = kit.Add("m", Onnx);
        var gate = new TaskCompletionSource();
        kit.BeforeOpen = _ => gate.Task;
        using var impatient = new CancellationTokenSource();
        Task<LoadedVersion> first = kit.Sessions.GetAsync(Model, version, impatient.Token).AsTask();
        Task<LoadedVersion> second = kit.Sessions.GetAsync(Model, version, Cancellation).AsTask();
        await impatient.CancelAsync();
        gate.SetResult();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        using LoadedVersion loaded = await second;
        Assert.NotNull(loaded.Session.Version);
    }

    [Fact]
    public async Task GetAsync_AnotherProcess_UsesTheFileInTheFolder()
    {
        using var kit = new ScoringKit();
        VersionEntry version = kit.Add("m", Onnx);
        (await kit.Sessions.GetAsync(Model, version, Cancellation)).Dispose();
        using SessionCache other = OtherCache(kit);

        using LoadedVersion loaded = await other.GetAsync(Model, version, Cancellation);

        Assert.Equal(1, kit.Opened);
    }

    [Fact]
    public async Task GetAsync_ExternalDataTruncatedInTheCache_Continues()
    {
        using var kit = new ScoringKit();
        string folder = Path.Combine(RepositoryFiles.Root, "tests", "Cases", "external");
        byte[] data = await File.ReadAllBytesAsync(Path.Combine(folder, "model.onnx.data"), Cancellation);
        VersionEntry version = kit.Add(
            "m", await File.ReadAllBytesAsync(Path.Combine(folder, "model.onnx"), Cancellation), external: ("model.onnx.data", data));
        using LoadedVersion loaded = await kit.Sessions.GetAsync(Model, version, Cancellation);
        Tensor[] inputs = [.. loaded.Session.Signature.Inputs.Select(input => Tensor.OfBytes(
            input.Name, input.Datatype, [1, .. input.Shape.Skip(1)], new byte[input.RowElements * input.Datatype.ElementBytes()]))];
        byte[] before = loaded.Session.Run(inputs)[0].Data.ToArray();
        // On Linux, checks the process's list of mapped files, because a failure would otherwise crash the tests.
        if (File.Exists("/proc/self/maps"))
        {
            Assert.DoesNotContain(Path.Combine(kit.CacheFolder, version.Digest),
                await File.ReadAllTextAsync("/proc/self/maps", Cancellation), StringComparison.Ordinal);
        }

        foreach (string cached in Directory.GetFiles(kit.CacheFolder, "*", SearchOption.AllDirectories))
        {
            await using FileStream file = File.OpenWrite(cached);
            file.SetLength(0);
        }

        Assert.Equal(before, loaded.Session.Run(inputs)[0].Data.ToArray());
        Assert.Empty(Directory.GetDirectories(kit.CacheFolder, "copy-*"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task GetAsync_CachedFileDamaged_IsRepaired(bool sameLength)
    {
        using var kit = new ScoringKit();
        VersionEntry version = kit.Add("m", Onnx);
        (await kit.Sessions.GetAsync(Model, version, Cancellation)).Dispose();
        string path = Path.Combine(kit.CacheFolder, version.Digest, "model.onnx");
        await File.WriteAllBytesAsync(path, new byte[sameLength ? Onnx.Length : 3], Cancellation);
        using SessionCache other = OtherCache(kit);

        using LoadedVersion loaded = await other.GetAsync(Model, version, Cancellation);

        Assert.Equal(2, kit.Opened);
        Assert.Equal(Onnx, await File.ReadAllBytesAsync(path, Cancellation));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public async Task GetAsync_StoredFileIsNotTheRegisteredOne_FailsAndIsRetried()
    {
        using var kit = new ScoringKit();
        VersionEntry version = kit.Add("m", Onnx);
        kit.Damage("m", 1);

        for (int attempt = 0; attempt < 2; attempt++)
        {
            ServiceException exception = await Assert.ThrowsAsync<ServiceException>(
                () => kit.Sessions.GetAsync(Model, version, Cancellation).AsTask());
            Assert.Equal(ErrorCode.ModelLoadFailed, exception.Code);
        }

        Assert.Equal(2, kit.Opened);
        Assert.Contains("hash", kit.Sessions.FindFailure(new VersionName(Model, 1)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetAsync_BeyondTheBudget_OldestIsEvictedAndFinishesItsRequests()
    {
        using var kit = new ScoringKit(options => options.MaxSessionBytes = Onnx.Length * 2);
        VersionEntry[] versions = [kit.Add("m", Onnx), kit.Add("m", Onnx), kit.Add("m", Onnx)];
        using LoadedVersion first = await kit.Sessions.GetAsync(Model, versions[0], Cancellation);
        (await kit.Sessions.GetAsync(Model, versions[1], Cancellation)).Dispose();
        (await kit.Sessions.GetAsync(Model, versions[2], Cancellation)).Dispose();

        Assert.Equal(2, kit.Sessions.Count);
        Assert.Null(first.Session.WarmUp());
        using LoadedVersion again = await kit.Sessions.GetAsync(Model, versions[0], Cancellation);
        Assert.NotSame(first, again);
    }

    [Fact]
    public async Task GetAsync_BeyondTheBudget_TheQuickestToLoadIsEvicted()
    {
        using var kit = new ScoringKit(options => options.MaxSessionBytes = Onnx.Length * 2);
        VersionEntry[] versions = [kit.Add("m", Onnx), kit.Add("m", Onnx), kit.Add("m", Onnx)];
        kit.BeforeOpen = _ =>
        {
            kit.Clock.Pass(TimeSpan.FromSeconds(2));
            return Task.CompletedTask;
        };
        using LoadedVersion slow = await kit.Sessions.GetAsync(Model, versions[0], Cancellation);
        // All three have the same files, which from here on come from the disk.
        using LoadedVersion quick = await kit.Sessions.GetAsync(Model, versions[1], Cancellation);
        (await kit.Sessions.GetAsync(Model, versions[2], Cancellation)).Dispose();

        using LoadedVersion slowAgain = await kit.Sessions.GetAsync(Model, versions[0], Cancellation);
        using LoadedVersion quickAgain = await kit.Sessions.GetAsync(Model, versions[1], Cancellation);
        Assert.Same(slow, slowAgain);
        Assert.NotSame(quick, quickAgain);
    }

    [Fact]
    public async Task KeepWith_ARollbackTarget_StaysLoadedAsLongAsItsChampion()
    {
        using var kit = new ScoringKit(options => options.MaxSessionBytes = Onnx.Length * 3);
        VersionEntry[] versions = [kit.Add("m", Onnx), kit.Add("m", Onnx)];
        using LoadedVersion former = await kit.Sessions.GetAsync(Model, versions[0], Cancellation);
        using LoadedVersion other = await kit.Sessions.GetAsync(ModelName.Parse("other"), kit.Add("other", Onnx), Cancellation);
        using LoadedVersion champion = await kit.Sessions.GetAsync(Model, versions[1], Cancellation);
        kit.Sessions.KeepWith([(new VersionName(Model, 1), new VersionName(Model, 2))]);

        (await kit.Sessions.GetAsync(ModelName.Parse("third"), kit.Add("third", Onnx), Cancellation)).Dispose();

        using LoadedVersion still = await kit.Sessions.GetAsync(Model, versions[0], Cancellation);
        Assert.Same(former, still);
        using LoadedVersion again = await kit.Sessions.GetAsync(ModelName.Parse("other"), kit.Add("other", Onnx), Cancellation);
        Assert.NotSame(other, again);
    }

    [Fact]
    public async Task Router_AfterAPromotion_KeepsTheFormerChampionWarm()
    {
        using var kit = new ScoringKit(options => options.MaxSessionBytes = Onnx.Length * 3);
        VersionEntry[] versions = [kit.Add("m", Onnx), kit.Add("m", Onnx)];
        kit.Point("m", "champion", 1);
        await kit.Router.RefreshAsync(Cancellation);
        using LoadedVersion former = await kit.Sessions.GetAsync(Model, versions[0], Cancellation);
        (await kit.Sessions.GetAsync(ModelName.Parse("other"), kit.Add("other", Onnx), Cancellation)).Dispose();
        kit.Point("m", "champion", 2);
        kit.Change("m", head => head with { Former = [1] });
        await kit.Router.RefreshAsync(Cancellation);

        (await kit.Sessions.GetAsync(ModelName.Parse("third"), kit.Add("third", Onnx), Cancellation)).Dispose();

        using LoadedVersion still = await kit.Sessions.GetAsync(Model, versions[0], Cancellation);
        Assert.Same(former, still);
    }

    [Fact]
    public async Task GetAsync_ConstantEviction_NeverFailsARun()
    {
        using var kit = new ScoringKit(options => options.MaxSessionBytes = 1);
        VersionEntry[] versions = [kit.Add("m", Onnx), kit.Add("m", Onnx), kit.Add("m", Onnx)];

        await Parallel.ForAsync(0, 400, Cancellation, async (i, token) =>
        {
            using LoadedVersion loaded = await kit.Sessions.GetAsync(Model, versions[i % 3], token);
            Assert.Null(loaded.Session.WarmUp());
        });

        Assert.InRange(kit.Sessions.Count, 1, 3);
    }

    private static SessionCache OtherCache(ScoringKit kit) =>
        new(
            kit, Microsoft.Extensions.Options.Options.Create(kit.Options), kit.Sessions.Meters, TimeProvider.System,
            Microsoft.Extensions.Logging.Abstractions.NullLogger<SessionCache>.Instance);
}
