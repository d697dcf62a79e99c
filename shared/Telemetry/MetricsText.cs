using Microsoft.Extensions.Hosting;
using Prometheus;

namespace Modeldrop.Telemetry;

/// <summary>The instruments of the service and the runtime as Prometheus text.</summary>
/// <remarks>Counts from its creation; as a hosted service it exists from the start.</remarks>
public sealed class MetricsText : IHostedService, IDisposable
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    // 0.1 ms to 10 s: a small model answers in well under a millisecond, a large one in seconds.
    private static readonly double[] SecondBuckets = [
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
    private static readonly double[] CountBuckets = [1, 2, 4, 8, 16, 32, 64];

    private readonly CollectorRegistry _registry = Prometheus.Metrics.NewCustomRegistry();
    private readonly IDisposable _adapter;

    public MetricsText() => _adapter = MeterAdapter.StartListening(new MeterAdapterOptions
    {
        Registry = _registry,
        // By default, the values belong to the whole process, unlike the registry.
        MetricFactory = FactoryOf(_registry),
        // The library's maximum: unread counts are kept for a day.
        MetricsExpireAfter = TimeSpan.FromDays(1),
        InstrumentFilterPredicate = instrument => instrument.Meter.Name is ServiceTelemetry.Name or "System.Runtime",
        ResolveHistogramBuckets = instrument => instrument.Unit == "s" ? SecondBuckets : CountBuckets,
    });

    public Task WriteAsync(Stream stream, CancellationToken cancellationToken) =>
        _registry.CollectAndExportAsTextAsync(stream, cancellationToken);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _adapter.Dispose();

    private static MetricFactory FactoryOf(CollectorRegistry registry)
    {
        MetricFactory factory = Prometheus.Metrics.WithCustomRegistry(registry);
        // This text cannot contain exemplars, and looking for one costs more than the count.
        factory.ExemplarBehavior = ExemplarBehavior.NoExemplars();
        return factory;
    }
}
