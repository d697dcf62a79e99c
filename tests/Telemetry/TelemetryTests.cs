using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Modeldrop.Drops;
using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Routing;
using Modeldrop.Scoring;
using Modeldrop.Telemetry;
using Modeldrop.Wire.OpenInference;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Modeldrop.Tests.Telemetry;

public sealed class TelemetryTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WriteAsync_AfterRequests_CountsThemByModelAndVersion()
    {
        await using ServiceProvider provider = new ServiceCollection().AddTelemetry(new ConfigurationBuilder().Build())
            .BuildServiceProvider();
        MetricsText metrics = provider.GetRequiredService<MetricsText>();
        var model = ModelName.Parse($"m{Guid.NewGuid():N}");
        var meters = new ScoringMeters(provider.GetRequiredService<IMeterFactory>());
        var route = new Route(model, new VersionEntry(3, VersionStatus.Champion, "d", "s", DateTimeOffset.UnixEpoch), null);

        meters.RunsOf(new VersionName(model, 3)).Ran(requests: 5, rows: 40);
        meters.Answered(route, DateTimeOffset.UnixEpoch, TimeSpan.FromMilliseconds(0.7), TimeSpan.Zero);
        meters.Answered(route, DateTimeOffset.UnixEpoch, TimeSpan.FromMilliseconds(70), TimeSpan.Zero);

        string text = await TextOfAsync(metrics);
        Assert.Contains($"modeldrop_scoring_requests{{model=\"{model}\",version=\"3\"}} 5", text, StringComparison.Ordinal);
        Assert.Contains($"modeldrop_scoring_runs{{model=\"{model}\",version=\"3\"}} 1", text, StringComparison.Ordinal);
        Assert.Contains($"modeldrop_scoring_rows{{model=\"{model}\",version=\"3\"}} 40", text, StringComparison.Ordinal);
        Assert.Contains(
            $"modeldrop_scoring_duration_bucket{{model=\"{model}\",version=\"3\",le=\"0.001\"}} 1", text, StringComparison.Ordinal);
        Assert.Contains($"modeldrop_scoring_duration_count{{model=\"{model}\",version=\"3\"}} 2", text, StringComparison.Ordinal);
        Assert.Contains("system_runtime_dotnet_gc_heap_total_allocated", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WriteAsync_AfterErrorsOfAnyRoute_CountsThemByCode()
    {
        await using ServiceProvider provider = new ServiceCollection()
            .AddTelemetry(new ConfigurationBuilder().Build()).AddSingleton<RefusalMeter>().BuildServiceProvider();
        MetricsText metrics = provider.GetRequiredService<MetricsText>();
        HttpContext Request() => new DefaultHttpContext { RequestServices = provider };

        await ErrorResponse.WriteAsync(Request(), new ServiceException(ErrorCode.ModelNotFound, "No such model."));
        await ErrorResponse.WriteAsync(Request(), new ServiceException(ErrorCode.ModelNotFound, "No such model."));
        await ErrorResponse.WriteBugAsync(Request());
        await OipCodec.WriteErrorAsync(Request(), new ServiceException(ErrorCode.InvalidTensor, "No such input."), Token);
        await OipCodec.WriteErrorAsync(Request(), new InvalidOperationException(), Token);

        string text = await TextOfAsync(metrics);
        Assert.Contains("modeldrop_requests_refused{error=\"ModelNotFound\"} 2", text, StringComparison.Ordinal);
        Assert.Contains("modeldrop_requests_refused{error=\"InvalidTensor\"} 1", text, StringComparison.Ordinal);
        Assert.Contains("modeldrop_requests_refused{error=\"Bug\"} 2", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WriteAsync_AfterRefusedDrops_CountsThemByStage()
    {
        await using ServiceProvider provider = new ServiceCollection()
            .AddTelemetry(new ConfigurationBuilder().Build()).AddSingleton<DropMeter>().BuildServiceProvider();
        MetricsText metrics = provider.GetRequiredService<MetricsText>();
        DropMeter drops = provider.GetRequiredService<DropMeter>();

        drops.CountRefused(version: null);
        drops.CountRefused(version: null);
        drops.CountRefused(version: 3);

        string text = await TextOfAsync(metrics);
        Assert.Contains("modeldrop_drops_refused{stage=\"admission\"} 2", text, StringComparison.Ordinal);
        Assert.Contains("modeldrop_drops_refused{stage=\"validation\"} 1", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddTelemetry_WithACollector_SendsMetricsAndTraces()
    {
        var received = new System.Collections.Concurrent.ConcurrentDictionary<string, string>();
        await using WebApplication collector = await StartCollectorAsync(received);
        var settings =
            new Dictionary<string, string?>
            {
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Urls.First(),
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            };
        using IHost host = new HostBuilder()
            .ConfigureAppConfiguration(configuration => configuration.AddInMemoryCollection(settings))
            .ConfigureServices((context, services) => services.AddTelemetry(context.Configuration))
            .Build();
        await host.StartAsync(Token);
        new ScoringMeters(host.Services.GetRequiredService<IMeterFactory>()).RunsOf(new VersionName(ModelName.Parse("m"), 1)).Ran(1, 1);
        using (ServiceTelemetry.Activities.StartActivity("score"))
        {
        }

        Assert.True(host.Services.GetRequiredService<MeterProvider>().ForceFlush());
        Assert.True(host.Services.GetRequiredService<TracerProvider>().ForceFlush());
        await host.StopAsync(Token);

        Assert.Contains("scoring.runs", received["/v1/metrics"], StringComparison.Ordinal);
        Assert.Contains("score", received["/v1/traces"], StringComparison.Ordinal);
    }

    private static async Task<WebApplication> StartCollectorAsync(
        System.Collections.Concurrent.ConcurrentDictionary<string, string> received)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        WebApplication app = builder.Build();
        app.MapPost("/v1/{kind}", async (HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            received.AddOrUpdate(
                request.Path, Encoding.Latin1.GetString(body.ToArray()), (_, before) => before + Encoding.Latin1.GetString(body.ToArray()));
        });
        await app.StartAsync(Token);
        return app;
    }

    private static async Task<string> TextOfAsync(MetricsText metrics)
    {
        using var stream = new MemoryStream();
        await metrics.WriteAsync(stream, Token);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
