namespace Modeldrop.Errors;

/// <summary>Who has to act on an error.</summary>
public enum Fault
{
    Caller,
    Model,
    Platform,
}

/// <summary>How an <see cref="ErrorCode"/> appears in an HTTP answer.</summary>
/// <param name="Status">HTTP status code.</param>
/// <param name="Title">Short, stable text of the problem type.</param>
/// <param name="Retryable">Whether the same request can succeed later without a change.</param>
public sealed record ErrorRow(int Status, string Title, bool Retryable, Fault Fault);

/// <summary>The one place that maps errors to HTTP.</summary>
public static class ErrorTable
{
    private static readonly Dictionary<ErrorCode, ErrorRow> Rows = new()
    {
        [ErrorCode.InvalidRequest] = new(400, "The request is not valid", false, Fault.Caller),
        [ErrorCode.InvalidTensor] = new(400, "A tensor does not fit the model's signature", false, Fault.Caller),
        [ErrorCode.PayloadTooLarge] = new(413, "The request is too large", false, Fault.Caller),
        [ErrorCode.UnsupportedEncoding] = new(415, "The content encoding is not supported", false, Fault.Caller),
        [ErrorCode.UnsupportedMediaType] = new(415, "The media type is not supported", false, Fault.Caller),
        [ErrorCode.Unauthorized] = new(401, "A key is missing or wrong", false, Fault.Caller),
        [ErrorCode.Forbidden] = new(403, "Not allowed", false, Fault.Caller),
        [ErrorCode.TooManyAttempts] = new(429, "Too many wrong keys", true, Fault.Caller),
        [ErrorCode.RouteNotFound] = new(404, "No such route", false, Fault.Caller),
        [ErrorCode.MethodNotAllowed] = new(405, "The route does not accept this method", false, Fault.Caller),
        [ErrorCode.ModelNotFound] = new(404, "No such model", false, Fault.Caller),
        [ErrorCode.VersionNotFound] = new(404, "No such version", false, Fault.Caller),
        [ErrorCode.AliasNotFound] = new(404, "No such alias", false, Fault.Caller),
        [ErrorCode.DatasetNotFound] = new(404, "No such data set", false, Fault.Caller),
        [ErrorCode.OperationNotFound] = new(404, "No such operation", false, Fault.Caller),
        [ErrorCode.PredictionNotFound] = new(404, "No such prediction", false, Fault.Caller),
        [ErrorCode.FileNotFound] = new(404, "No such file", false, Fault.Caller),
        [ErrorCode.KeyNotFound] = new(404, "No such key", false, Fault.Caller),
        [ErrorCode.RunNotFound] = new(404, "No such run, experiment or logged model", false, Fault.Caller),
        [ErrorCode.AlreadyExists] = new(409, "The name is taken", false, Fault.Caller),
        [ErrorCode.VersionNotReady] = new(409, "The version may not serve", false, Fault.Caller),
        [ErrorCode.OperationNotPending] = new(409, "The operation is not waiting for this", false, Fault.Caller),
        [ErrorCode.RegistryConflict] = new(409, "The registry has changed in the meantime", true, Fault.Caller),
        [ErrorCode.AliasConflict] = new(409, "The alias has moved in the meantime", true, Fault.Caller),
        [ErrorCode.ModelOverloaded] = new(503, "The model has too many requests waiting", true, Fault.Platform),
        [ErrorCode.MemoryExhausted] = new(503, "There is not enough memory for the request", true, Fault.Platform),
        [ErrorCode.ModelLoadFailed] = new(503, "The model cannot be loaded", true, Fault.Model),
        [ErrorCode.ScoringFailed] = new(500, "The model failed on this input", false, Fault.Model),
        [ErrorCode.NotOffered] = new(501, "This is not supported", false, Fault.Caller),
        [ErrorCode.StoreUnavailable] = new(503, "The store does not answer", true, Fault.Platform),
    };

    /// <summary>Returns the row of <paramref name="code"/>; a test checks that every code has one.</summary>
    public static ErrorRow Get(ErrorCode code) => Rows[code];
}
