using Microsoft.Extensions.Configuration;

namespace Modeldrop.Functions.Access;

internal static class AccessServices
{
    /// <summary>Registers the services that the middleware needs in addition to the rooms.</summary>
    public static IServiceCollection AddAuthenticator(this IServiceCollection services, IConfiguration configuration)
    {
        EntraTokens.AddTo(services, configuration);
        return services.AddSingleton<Authenticator>();
    }
}
