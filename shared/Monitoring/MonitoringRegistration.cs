using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Modeldrop.Monitoring.Alerts;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Performance;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Monitoring.Reports;
using Modeldrop.Monitoring.Watch;

namespace Modeldrop.Monitoring;

public static class MonitoringRegistration
{
    /// <summary>
    /// Adds profiles, fold, drift checks, performance and alerts. Requires <c>AddStorage</c>, <c>AddRegistry</c>, <c>AddPredictions</c>,
    /// <c>AddProbe</c> and <c>AddWebhooks</c>.
    /// </summary>
    public static IServiceCollection AddMonitoring(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<MonitoringOptions>()
            .Bind(configuration.GetSection(MonitoringOptions.SectionName))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<ReferenceProfiles>();
        services.AddSingleton<ProfileStore>();
        services.AddSingleton<LoggedReference>();
        services.AddSingleton<FoldService>();
        services.AddSingleton<DriftStore>();
        services.AddSingleton<WatchStore>();
        services.AddSingleton<DriftWatch>();
        services.AddSingleton<DriftService>();
        services.AddSingleton<JointDriftReports>();
        services.AddSingleton<JointDrift>();
        services.AddSingleton<PerformanceService>();
        services.AddSingleton<DriftPages>();
        services.AddSingleton<JudgedWindows>();
        services.AddSingleton<AlertStore>();
        services.AddSingleton<AlertDelivery>();
        services.AddSingleton<MonitoringService>();
        return services;
    }
}
