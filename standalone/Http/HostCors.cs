using Microsoft.Extensions.Configuration;
using Modeldrop.Standalone.Hosting;

namespace Modeldrop.Standalone.Http;

/// <summary>
/// Allows pages of other origins to call the app: <c>Host:CorsOrigins</c>, separated by commas; none by default. On Azure the platform does
/// this.
/// </summary>
internal static class HostCors
{
    public const string Setting = "Host:CorsOrigins";

    private static readonly TimeSpan PreflightIsTrueFor = TimeSpan.FromMinutes(10);

    /// <returns>The origins.</returns>
    /// <exception cref="StartFailure">One of them is not an origin.</exception>
    public static IReadOnlyList<string> AddTo(IServiceCollection services, IConfiguration configuration)
    {
        string[] origins = (configuration[Setting] ?? "")
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (origins.FirstOrDefault(origin => !IsOrigin(origin)) is { } wrong)
        {
            throw new StartFailure(
                $"'{wrong}' in Host__CorsOrigins is not an origin. An origin is a scheme, a host and optionally a port, such as "
                    + $"https://app.example.com; "
                + "'*' is not accepted, because the app's answers are only for holders of a key.");
        }

        if (origins.Length == 0)
        {
            return origins;
        }

        services.AddCors(options => options.AddDefaultPolicy(policy => policy.WithOrigins(origins).AllowAnyHeader().AllowAnyMethod()
            .WithExposedHeaders("Inference-Header-Content-Length", "Retry-After").SetPreflightMaxAge(PreflightIsTrueFor)));
        return origins;
    }

    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https"
            && uri.GetLeftPart(UriPartial.Authority) == text;
}
