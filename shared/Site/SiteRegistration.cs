using Microsoft.Extensions.DependencyInjection;
using Modeldrop.Site.Models;
using Modeldrop.Site.Predictions;
using Modeldrop.Site.Versions;

namespace Modeldrop.Site;

public static class SiteRegistration
{
    /// <summary>Registers the services of the console's pages; needs registry, predictions, monitoring and lifecycle.</summary>
    public static IServiceCollection AddSite(this IServiceCollection services) => services
        .AddSingleton<ModelListService>()
        .AddSingleton<ModelExamples>()
        .AddSingleton<ModelPageService>()
        .AddSingleton<VersionPageService>()
        .AddSingleton<PredictionPageService>();
}
