using Microsoft.Extensions.Logging;

namespace Modeldrop.Standalone.Demo;

internal static class DemoRegistration
{
    /// <summary>Prints on the console where everything is.</summary>
    public static IServiceCollection AddWelcome(this IServiceCollection services)
    {
        services.AddSingleton<Welcome>();
        return services.AddHostedService(provider => provider.GetRequiredService<Welcome>());
    }

    /// <summary>Runs the tour once the app serves. It needs <see cref="AddWelcome"/>.</summary>
    public static IServiceCollection AddDemo(this IServiceCollection services)
    {
        // The tour says itself what happens, step by step: the log keeps to what goes wrong.
        services.AddLogging(logging => logging.AddFilter("Modeldrop", LogLevel.Warning));
        return services.AddHostedService<DemoTour>();
    }
}
