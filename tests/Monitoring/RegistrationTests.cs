using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Modeldrop.Monitoring;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Predictions;
using Modeldrop.Probe;
using Modeldrop.Registry;
using Modeldrop.Storage;
using Modeldrop.Telemetry;
using Modeldrop.Tests.Predictions;
using Modeldrop.Webhooks;

namespace Modeldrop.Tests.Monitoring;

public sealed class RegistrationTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task AddPredictionsAndMonitoring_StartStopAndMeasureTheLog()
    {
        await using ServiceProvider provider = Services(
            new() { ["Predictions:BufferBytes"] = "2000", ["Monitoring:Significance"] = "0.05" });
        Assert.Equal(0.05, provider.GetRequiredService<IOptions<MonitoringOptions>>().Value.Significance);
        Assert.NotNull(provider.GetRequiredService<FoldService>());
        Assert.NotNull(provider.GetRequiredService<DriftService>());
        var counts = new Dictionary<string, long>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == ServiceTelemetry.Name
                        && ReferenceEquals(instrument.Meter.Scope, provider.GetRequiredService<IMeterFactory>()))
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
        {
            lock (counts)
            {
                counts[instrument.Name] = counts.GetValueOrDefault(instrument.Name) + value;
            }
        });
        listener.Start();
        IHostedService[] hosted = [.. provider.GetServices<IHostedService>()];
        foreach (IHostedService service in hosted)
        {
            await service.StartAsync(TestContext.Current.CancellationToken);
        }

        PredictionLog log = provider.GetRequiredService<PredictionLog>();
        log.Append(LogWorld.Request(log));
        log.Append(LogWorld.Request(log, 1, null, null, LogWorld.Floats("x", [1, 1000], new float[1000])));
        foreach (IHostedService service in hosted.Reverse())
        {
            await service.StopAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal((1, 1, 1), (counts["log.records"], counts["log.packs"], counts["log.dropped"]));
        Assert.True(counts["log.bytes"] > 0);
    }

    [Theory]
    [InlineData("Predictions:FlushInterval", "1.00:00:00")]
    [InlineData("Predictions:MaxPackBytes", "1000000")]
    public void AddPredictions_SettingOutOfRange_IsAnErrorAtStart(string key, string value)
    {
        using ServiceProvider provider = Services(new() { [key] = value });
        Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IOptions<PredictionOptions>>().Value);
    }

    [Fact]
    public void AddMonitoring_SettingOutOfRange_IsAnErrorAtStart()
    {
        using ServiceProvider provider = Services(new() { ["Monitoring:Significance"] = "0" });
        Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IOptions<MonitoringOptions>>().Value);
    }

    private ServiceProvider Services(Dictionary<string, string?> settings)
    {
        settings[StorageOptions.ConnectionName] = azurite.ConnectionString;
        string unique = Guid.NewGuid().ToString("N")[..12];
        settings["Storage:TablePrefix"] = "T" + unique;
        settings["Storage:ContainerPrefix"] = $"t{unique}-";
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        return new ServiceCollection()
            .AddLogging()
            .AddStorage(configuration)
            .AddRegistry(configuration)
            .AddPredictions(configuration)
            .AddProbe(configuration)
            .AddWebhooks(configuration)
            .AddMonitoring(configuration)
            .BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
    }
}
