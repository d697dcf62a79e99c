using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Modeldrop.Predictions.Export;
using Modeldrop.Predictions.Feedback;

namespace Modeldrop.Predictions;

public static class PredictionsRegistration
{
    /// <summary>
    /// Adds the prediction log and its reader. Call it before the web server's own services, so that the log stops after the last request.
    /// </summary>
    public static IServiceCollection AddPredictions(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<PredictionOptions>()
            .Bind(configuration.GetSection(PredictionOptions.SectionName))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<PredictionLog>();
        services.AddSingleton<IPredictionSink>(provider => provider.GetRequiredService<PredictionLog>());
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<PredictionLog>());
        services.AddSingleton<PredictionStore>();
        services.AddSingleton<LogReader>();
        services.AddSingleton<FeedbackStore>();
        services.AddSingleton<FeedbackService>();
        services.AddSingleton<PredictionExport>();
        return services;
    }
}
