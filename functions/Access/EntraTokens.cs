using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;
using Modeldrop.Access;

namespace Modeldrop.Functions.Access;

/// <summary>Validates signed tokens with ASP.NET Core's own handler: signature, issuer, audience, time.</summary>
internal sealed class EntraTokens
{
    private const string Scheme = "Entra";

    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);

    private readonly GrantMap _map;
    private readonly string _authority;

    public EntraTokens(IOptions<AccessOptions> options)
    {
        _authority = options.Value.Entra.Authority;
        _map = GrantMap.Parse(options.Value.Entra.Grants, []);
    }

    /// <summary>Whether tokens are accepted.</summary>
    public bool IsSetUp => _authority.Length > 0;

    public GrantMap Map => _map;

    public static void AddTo(IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<EntraTokens>();
        EntraOptions entra = configuration.GetSection(AccessOptions.SectionName).Get<AccessOptions>()?.Entra ?? new EntraOptions();
        if (entra.Authority.Length == 0)
        {
            return;
        }

        if (EntraSignIn.IsSetUp(entra))
        {
            EntraSignIn.AddTo(services, entra);
        }

        services.AddAuthentication().AddJwtBearer(Scheme, jwt =>
        {
            jwt.Authority = entra.Authority;
            jwt.RequireHttpsMetadata = !new Uri(entra.Authority).IsLoopback;
            jwt.MapInboundClaims = false;
            jwt.TokenValidationParameters = new TokenValidationParameters
            {
                ValidAudiences = [entra.Audience, $"api://{entra.Audience}"],
                ValidAlgorithms = [SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.EcdsaSha256],
                RequireExpirationTime = true,
                RequireSignedTokens = true,
                ClockSkew = ClockSkew,
            };

            // The program's own middleware authenticates every request: a key must not be mistaken for a token.
            jwt.Events = new JwtBearerEvents
            {
                OnMessageReceived = received =>
                {
                    if (Credential.Of(received.Request).Kind != CredentialKind.Token)
                    {
                        received.NoResult();
                    }

                    return Task.CompletedTask;
                },
            };
        });
    }

    /// <summary>Returns the principal of the token; null if it is not valid.</summary>
    public async Task<Principal?> FindAsync(HttpContext http)
    {
        AuthenticateResult result = await http.AuthenticateAsync(Scheme);
        return result is { Succeeded: true, Principal: { } holder }
            ? ClaimPrincipal.Of([.. holder.Claims], _map, $"token of {_authority}")
            : null;
    }
}
