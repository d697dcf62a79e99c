using Microsoft.Extensions.Configuration;

namespace Modeldrop.Functions.Access;

internal static class AccessServices
{
    /// <summary>What the middleware needs beside the rooms.</summary>
    public static IServiceCollection AddAuthenticator(this IServiceCollection services, IConfiguration configuration)
    {
        EntraTokens.AddTo(services, configuration);
        return services.AddSingleton<Authenticator>();
    }
}
