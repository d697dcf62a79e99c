using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Modeldrop.Access;

public static class AccessRegistration
{
    /// <summary>
    /// Registers keys, sessions and permissions. Needs <c>AddStorage</c>, and an <see cref="AccessHost"/> of the program.
    /// </summary>
    public static IServiceCollection AddAccess(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<AccessOptions>()
            .Bind(configuration.GetSection(AccessOptions.SectionName))
            .ValidateDataAnnotations()
            .Validate(
                options => options.OwnerKey.Length is 0 or >= AccessOptions.MinOwnerKeyChars,
                $"Access__OwnerKey must have at least {AccessOptions.MinOwnerKeyChars} characters; openssl rand -hex 32 makes a good one.")
            .Validate(
                options => options.Entra.Authority.Length == 0
                    || (Uri.IsWellFormedUriString(options.Entra.Authority, UriKind.Absolute) && options.Entra.Audience.Length > 0),
                "Access__Entra__Authority must be the issuer's address, and Access__Entra__Audience the client id that its tokens are for.")
            .Validate(
                options => options.Entra.ClientSecret.Length == 0 || options.Entra.Authority.Length > 0,
                "Access__Entra__ClientSecret needs Access__Entra__Authority and Access__Entra__Audience beside it.")
            .Validate(
                options => AreWellFormed(options.Entra.Grants),
                "Access__Entra__Grants must be '<app role or group id>=<role> [model:<name> | tag:<name>=<value>] …', "
                + "with semicolons between.")
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
        services.AddSingleton<ProtectionKeyStore>();
        services.AddSingleton<AttemptLimiter>();
        services.AddSingleton<AccessMeter>();
        services.AddHostedService<KeyRefresher>();
        return services;
    }

    private static bool AreWellFormed(string grants)
    {
        List<string> violations = [];
        GrantMap.Parse(grants, violations);
        return violations.Count == 0;
    }
}
