using Microsoft.Extensions.DependencyInjection;

namespace Modeldrop.Catalogue;

public static class CatalogueRegistration
{
    /// <summary>The catalogue page; needs registry and monitoring.</summary>
    public static IServiceCollection AddCatalogue(this IServiceCollection services) => services.AddSingleton<CatalogueService>();
}
