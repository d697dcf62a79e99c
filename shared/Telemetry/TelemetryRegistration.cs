using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;

namespace Modeldrop.Telemetry;

public static class TelemetryRegistration
{
    /// <summary>The web server's span of a request, which makes our spans part of the caller's trace.</summary>
    private const string ServerSource = "Microsoft.AspNetCore";

    private const string OtlpEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>
    /// Adds metrics as text. If OpenTelemetry's own setting <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names a collector, also exports metrics and
    /// traces to it.
    /// </summary>
    public static IServiceCollection AddTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddMetrics();
        services.AddSingleton<MetricsText>();
        services.AddHostedService(provider => provider.GetRequiredService<MetricsText>());
        if (!string.IsNullOrEmpty(configuration[OtlpEndpoint]))
        {
            services.AddOpenTelemetry()
                .WithMetrics(metrics => metrics.AddMeter(ServiceTelemetry.Name, "System.Runtime"))
                .WithTracing(traces => traces.AddSource(ServiceTelemetry.Name, ServerSource))
                .UseOtlpExporter();
        }

        return services;
    }
}
