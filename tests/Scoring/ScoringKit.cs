using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Modeldrop.Manifests;
using Modeldrop.Names;
using Modeldrop.Probe.Onnx;
using Modeldrop.Predictions;
using Modeldrop.Registry;
using Modeldrop.Routing;
using Modeldrop.Scoring;
using Modeldrop.Scoring.Cache;
using Modeldrop.Scoring.Sessions;
using Modeldrop.Tensors;

namespace Modeldrop.Tests.Scoring;

/// <summary>All services that answer a request, over versions in memory. The stores' tests run on Azurite.</summary>
internal sealed class ScoringKit : IVersionSource, IHeadSource, IPredictionSink, IDisposable
{
    private readonly Dictionary<string, byte[]> _blobs = [];
    private readonly Dictionary<VersionName, ModelVersion> _versions = [];
    private readonly Dictionary<string, ModelHead> _heads = [];
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("modeldrop-scoring-");
    private readonly IMeterFactory _meters = new ServiceCollection().AddMetrics().BuildServiceProvider()
        .GetRequiredService<IMeterFactory>();
    private uint _sequence;
    private int _revision;
    private int _opened;

    public ScoringKit(Action<ScoringOptions>? configure = null)
    {
        Options = new ScoringOptions { CachePath = _folder.FullName };
        configure?.Invoke(Options);
        Sessions = new SessionCache(
            this, Microsoft.Extensions.Options.Options.Create(Options), new ScoringMeters(_meters), Clock,
            NullLogger<SessionCache>.Instance);
        Router = new TrafficRouter(
            this, Sessions, Meters, Microsoft.Extensions.Options.Options.Create(
                new RoutingOptions { LoadRetryInterval = TimeSpan.Zero }), TimeProvider.System,
            NullLogger<TrafficRouter>.Instance);
        Service = new ScoringService(
            Router, Sessions, this, Microsoft.Extensions.Options.Options.Create(Options), TimeProvider.System,
            NullLogger<ScoringService>.Instance);
        Server = new InferenceServer(
            Router, Sessions, this, NullLogger<InferenceServer>.Instance);
    }

    /// <summary>The session cache's clock: every load takes the same time, unless <see cref="BeforeOpen"/> adds some.</summary>
    public StepClock Clock { get; } = new();

    public ScoringOptions Options { get; }

    public SessionCache Sessions { get; }

    public RolloutMeters Meters { get; } = new();

    public TrafficRouter Router { get; }

    public ScoringService Service { get; }

    public InferenceServer Server { get; }

    /// <summary>The logged requests; only for one request at a time.</summary>
    public List<ScoredRequest> Log { get; } = [];

    public bool KeepLog { get; set; } = true;

    public bool StoreFails { get; set; }

    /// <summary>Awaited before a record of mode <c>durable</c> is stored.</summary>
    public Func<CancellationToken, Task> BeforeStored { get; set; } = _ => Task.CompletedTask;

    /// <summary>Runs before a file of a version is opened in the store.</summary>
    public Func<CancellationToken, Task> BeforeOpen { get; set; } = _ => Task.CompletedTask;

    /// <summary>Files that were opened in the store so far.</summary>
    public int Opened => _opened;

    public string CacheFolder => _folder.FullName;

    public static string SamplePath(string model)
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !Directory.Exists(Path.Combine(folder.FullName, "samples")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder!.FullName, "samples", model, "model.onnx");
    }

    public Task<ModelVersion> GetRegisteredAsync(VersionName version, CancellationToken cancellationToken) =>
        Task.FromResult(_versions[version]);

    public async Task<Stream> ReadAsync(VersionName version, string storedAt, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _opened);
        await BeforeOpen(cancellationToken);
        return new MemoryStream(_blobs[$"{version.Model}/{version.Number}/{storedAt}"]);
    }

    public Task<string?> ReadRevisionAsync(CancellationToken cancellationToken) =>
        StoreFails ? throw Unavailable() : Task.FromResult<string?>($"{_revision}");

    public Task<IReadOnlyList<ModelHead>> ListHeadsAsync(CancellationToken cancellationToken) =>
        StoreFails ? throw Unavailable() : Task.FromResult<IReadOnlyList<ModelHead>>([.. _heads.Values]);

    public PredictionId NextId(ModelName model) => new(1, 2, 3, Interlocked.Increment(ref _sequence));

    public bool Append(ScoredRequest request)
    {
        if (KeepLog)
        {
            request.Hold();
            Log.Add(request);
        }

        return true;
    }

    public async Task AppendDurablyAsync(ScoredRequest request, CancellationToken cancellationToken)
    {
        await BeforeStored(cancellationToken);
        request.Hold();
        Log.Add(request);
    }

    /// <summary>Registers the next version of a model.</summary>
    /// <param name="memory">The memory that its validation measured, in bytes.</param>
    /// <param name="declared">Declarations of inputs that the file does not contain.</param>
    /// <param name="external">Name and content of a file of external data.</param>
    public VersionEntry Add(
        string model, byte[] onnx, VersionStatus status = VersionStatus.Validated, LoggingPolicy? logging = null, long memory = 0,
        (string Name, byte[] Content)? external = null, Signature? declared = null)
    {
        ModelHead head = _heads.GetValueOrDefault(model) ?? ModelHead.Empty(ModelName.Parse(model));
        int number = head.Versions.Length + 1;
        string hash = Convert.ToHexStringLower(SHA256.HashData(onnx));
        string digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"model.onnx {hash}")));
        var entry = new VersionEntry(number, status, digest, hash, DateTimeOffset.UnixEpoch);
        _blobs[$"{model}/{number}/model.onnx"] = onnx;
        List<VersionFile> files = [new VersionFile("model.onnx", onnx.Length, hash), new VersionFile("reference.csv", 1, hash)];
        if (external is { } data)
        {
            _blobs[$"{model}/{number}/{data.Name}"] = data.Content;
            files.Add(new VersionFile(data.Name, data.Content.Length, Convert.ToHexStringLower(SHA256.HashData(data.Content))));
        }

        _versions[new VersionName(ModelName.Parse(model), number)] = new ModelVersion
        {
            Model = ModelName.Parse(model),
            Number = number,
            Digest = digest,
            ModelSha256 = hash,
            Files = files,
            Inspection = new ModelInspection
            {
                Signature = SignatureOf(onnx, declared),
                Opsets = new Dictionary<string, long>(),
                Operators = OperatorsOf(onnx),
                IrVersion = 8,
                Producer = "",
                Metadata = new Dictionary<string, string>(),
                Parameters = 0,
                MemoryBytes = memory,
            },
            Manifest = new Manifest { Logging = logging ?? new LoggingPolicy() },
            DroppedAt = DateTimeOffset.UnixEpoch,
            RegisteredAt = DateTimeOffset.UnixEpoch,
            Operation = Ids.Operation("test"),
        };
        Change(head with { Versions = head.Versions.Add(entry) });
        return entry;
    }

    public void Point(string model, string alias, int version) =>
        Change(_heads[model] with { Aliases = _heads[model].Aliases.SetItem(alias, new AliasEntry(version, DateTimeOffset.UnixEpoch)) });

    public void Change(string model, Func<ModelHead, ModelHead> change) => Change(change(_heads[model]));

    public void Damage(string model, int version) => _blobs[$"{model}/{version}/model.onnx"] = [1, 2, 3];

    /// <summary>A model with its first version as champion, routed.</summary>
    public static async Task<ScoringKit> WithChampionAsync(
        string model, byte[] onnx, LoggingPolicy? logging = null, Action<ScoringOptions>? configure = null, Signature? declared = null)
    {
        var kit = new ScoringKit(configure);
        kit.Add(model, onnx, logging: logging, declared: declared);
        kit.Point(model, "champion", 1);
        await kit.Router.RefreshAsync(TestContext.Current.CancellationToken);
        return kit;
    }

    /// <summary>A manifest's declaration of one input.</summary>
    public static Signature Declared(string input, params string[] columns) =>
        new([new TensorSpec(input, default, []) { Columns = columns.Length > 0 ? columns : null }], []);

    public Task<Reply> InferAsync(string model, string body, string? version = null, params (string Name, string Value)[] headers) =>
        InferAsync(model, Encoding.UTF8.GetBytes(body), version, headers);

    public Task<Reply> InferAsync(string model, byte[] body, string? version = null, params (string Name, string Value)[] headers) =>
        AskAsync(http => Service.InferAsync(http, model, version, TestContext.Current.CancellationToken), body, headers);

    public static async Task<Reply> AskAsync(Func<HttpContext, Task> ask, byte[]? body = null, params (string Name, string Value)[] headers)
    {
        var http = new DefaultHttpContext();
        http.Request.Body = new MemoryStream(body ?? []);
        http.Request.ContentLength = body?.Length ?? 0;
        http.Response.Body = new MemoryStream();
        foreach ((string name, string value) in headers)
        {
            http.Request.Headers[name] = value;
        }

        await ask(http);
        await http.Response.BodyWriter.FlushAsync(TestContext.Current.CancellationToken);
        return new Reply(http.Response.StatusCode, http.Response.Headers, ((MemoryStream)http.Response.Body).ToArray());
    }

    public void Dispose()
    {
        Router.Dispose();
        Sessions.Dispose();
        _folder.Delete(recursive: true);
    }

    private void Change(ModelHead head)
    {
        _heads[head.Name.Value] = head with { Sequence = head.Sequence + 1 };
        _revision++;
    }

    private Signature SignatureOf(byte[] onnx, Signature? declared)
    {
        string path = Path.Combine(_folder.FullName, $"{Guid.NewGuid():N}.onnx");
        File.WriteAllBytes(path, onnx);
        try
        {
            using ModelSession session = ModelSession.Load(path, declared: declared);
            return session.Signature;
        }
        catch (Modeldrop.Errors.ServiceException)
        {
            return new Signature([], []);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private IReadOnlyDictionary<string, int> OperatorsOf(byte[] onnx)
    {
        string path = Path.Combine(_folder.FullName, $"{Guid.NewGuid():N}.onnx");
        File.WriteAllBytes(path, onnx);
        try
        {
            return OnnxModelReader.Read(path).Operators;
        }
        catch (OnnxRejectedException)
        {
            return new Dictionary<string, int>();
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static Modeldrop.Errors.ServiceException Unavailable() =>
        new(Modeldrop.Errors.ErrorCode.StoreUnavailable, "The store is down.");
}

internal sealed record Reply(int Status, IHeaderDictionary Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public string Error => Json.GetProperty("error").GetString()!;
}

/// <summary>A clock that advances by one tick at each read.</summary>
internal sealed class StepClock : TimeProvider
{
    private long _ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public void Pass(TimeSpan time) => Interlocked.Add(ref _ticks, time.Ticks);

    public override long GetTimestamp() => Interlocked.Increment(ref _ticks);
}
