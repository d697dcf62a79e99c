using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;
using Azure.Core;
using Azure.Core.Pipeline;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Storage;
using Modeldrop.Tensors;

namespace Modeldrop.Tests.Predictions;

/// <summary>A log on a separate account, and requests for it.</summary>
internal sealed class LogWorld
{
    public static readonly ModelName Flights = ModelName.Parse("flights");

    private static readonly IMeterFactory Meters = new ServiceCollection().AddMetrics().BuildServiceProvider()
        .GetRequiredService<IMeterFactory>();

    public LogWorld(AzuriteFixture azurite, params HttpPipelinePolicy[] policies)
    {
        Settings =
            new StorageOptions { ConnectionString = azurite.ConnectionString, TablePrefix = "T" + Guid.NewGuid().ToString("N")[..12] };
        new StorageAccount(Options.Create(Settings)).EnsureCreatedAsync(CancellationToken.None).GetAwaiter().GetResult();
        Account = new StorageAccount(Options.Create(Settings), policies);
        Store = new PredictionStore(Account);
    }

    public StorageOptions Settings { get; }

    public StorageAccount Account { get; }

    public PredictionStore Store { get; }

    /// <summary>A process that scores; the caller stops it.</summary>
    public async Task<PredictionLog> StartLogAsync(
        PredictionOptions? options = null, TimeProvider? clock = null, StorageAccount? account = null)
    {
        var log = new PredictionLog(
            account ?? Account, Options.Create(
                options ?? new PredictionOptions()), clock ?? TimeProvider.System, Meters, NullLogger<PredictionLog>.Instance);
        await log.StartAsync(CancellationToken.None);
        return log;
    }

    public static ScoredRequest Request(
        PredictionLog log, int version = 1, ModelName? model = null, DateTimeOffset? at = null, params Tensor[] inputs)
    {
        ModelName name = model ?? Flights;
        DateTimeOffset time = at ?? new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        return new ScoredRequest
        {
            Id = log.NextId(name),
            Model = name,
            Version = version,
            ModelSha256 = $"sha-{version}",
            ReceivedAt = time,
            EventTime = time,
            Duration = TimeSpan.FromMicroseconds(1500),
            Inputs = inputs.Length > 0 ? inputs : [Floats("x", [1, 2], 1f, 2f)],
            Outputs = [Floats("y", [1, 1], 0.5f)],
        };
    }

    public static Tensor Floats(string name, long[] shape, params float[] values) => Numbers(name, Datatype.Fp32, shape, values);

    public static Tensor Numbers<T>(string name, Datatype datatype, long[] shape, T[] values)
        where T : unmanaged =>
        Tensor.OfBytes(name, datatype, shape, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
}

/// <summary>Inspects every request to the account, and can make it fail before or after sending.</summary>
internal sealed class FaultPolicy : HttpPipelinePolicy
{
    private int _requests;
    private int _writes;

    /// <summary>Called with the number of the write (from 1), before it is sent; may throw.</summary>
    public Action<int>? BeforeWrite { get; set; }

    /// <summary>Called after the write; may throw, so that the writer does not know that the write succeeded.</summary>
    public Action<int>? AfterWrite { get; set; }

    public int Requests => Volatile.Read(ref _requests);

    public int Writes => Volatile.Read(ref _writes);

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => throw new NotSupportedException();

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        Interlocked.Increment(ref _requests);
        bool isWrite = message.Request.Method != RequestMethod.Get;
        int write = isWrite ? Interlocked.Increment(ref _writes) : 0;
        if (isWrite)
        {
            BeforeWrite?.Invoke(write);
        }

        await ProcessNextAsync(message, pipeline);
        if (isWrite)
        {
            AfterWrite?.Invoke(write);
        }
    }
}
