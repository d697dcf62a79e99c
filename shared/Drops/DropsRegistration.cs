using Microsoft.Extensions.DependencyInjection;

namespace Modeldrop.Drops;

public static class DropsRegistration
{
    /// <summary>The way in from the drop container. Needs <c>AddStorage</c> and <c>AddRegistry</c>.</summary>
    public static IServiceCollection AddDrops(this IServiceCollection services)
    {
        services.AddSingleton<DropMeter>();
        services.AddSingleton<DropStaging>();
        return services;
    }
}
