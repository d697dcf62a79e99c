using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Modeldrop.Telemetry;

namespace Modeldrop.Errors;

/// <summary>Counts the error answers of all routes by code. It counts where errors are written, so it misses none.</summary>
public sealed class RefusalMeter(IMeterFactory meters)
{
    private readonly Counter<long> _refused = meters.CreateServiceMeter().CreateCounter<long>(
        "requests.refused", "{request}", "Requests that got an error, by error code.");

    /// <param name="code">Null: a bug.</param>
    public static void Count(HttpContext http, ErrorCode? code) =>
        http.RequestServices?.GetService<RefusalMeter>()?._refused.Add(
            1, new KeyValuePair<string, object?>("error", code?.ToString() ?? "Bug"));
}
