namespace Modeldrop.Functions.Access;

internal static class AccessServices
{
    /// <summary>What the middleware needs beside the rooms.</summary>
    public static IServiceCollection AddAuthenticator(this IServiceCollection services) => services.AddSingleton<Authenticator>();
}
