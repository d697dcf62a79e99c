using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Modeldrop.Access;

public static class AccessRegistration
{
    /// <summary>Keys, sessions and who may do what. Needs <c>AddStorage</c>, and an <see cref="AccessHost"/> of the program.</summary>
    public static IServiceCollection AddAccess(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<AccessOptions>()
            .Bind(configuration.GetSection(AccessOptions.SectionName))
            .ValidateDataAnnotations()
            .Validate(
                options => options.OwnerKey.Length is 0 or >= AccessOptions.MinOwnerKeyChars,
                $"Access__OwnerKey must have at least {AccessOptions.MinOwnerKeyChars} characters; openssl rand -hex 32 makes a good one.")
            .ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<KeyStore>();
        services.AddSingleton(provider => new KeyRing(
            provider.GetRequiredService<KeyStore>(), provider.GetRequiredService<AccessHost>(),
            provider.GetRequiredService<IOptions<AccessOptions>>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new KeyService(
            provider.GetRequiredService<KeyStore>(), provider.GetRequiredService<KeyRing>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<SessionService>();
        services.AddSingleton<SignInLinks>();
        services.AddSingleton<AttemptLimiter>();
        services.AddSingleton<AccessMeter>();
        services.AddHostedService<KeyRefresher>();
        return services;
    }
}
