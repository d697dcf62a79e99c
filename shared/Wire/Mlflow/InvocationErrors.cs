using Microsoft.AspNetCore.Http;
using Modeldrop.Wire.OpenInference;

namespace Modeldrop.Wire.Mlflow;

/// <summary>Errors in the format of MLflow's scoring protocol.</summary>
public static class InvocationErrors
{
    /// <summary>Writes <c>{"error_code", "message"}</c> with the status of the error.</summary>
    public static Task WriteAsync(HttpContext http, Exception exception, CancellationToken cancellationToken) =>
        OipCodec.WriteErrorAsync(http, exception, InvocationWriter.WriteError, cancellationToken);
}
