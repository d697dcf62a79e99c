namespace Modeldrop.Errors;

/// <summary>Everything that can go wrong and that a program may have to tell apart. <see cref="ErrorTable"/> has a row for each.</summary>
public enum ErrorCode
{
    InvalidRequest,
    InvalidTensor,
    PayloadTooLarge,
    UnsupportedEncoding,
    UnsupportedMediaType,
    Unauthorized,
    Forbidden,
    TooManyAttempts,
    RouteNotFound,
    MethodNotAllowed,
    ModelNotFound,
    VersionNotFound,
    AliasNotFound,
    DatasetNotFound,
    OperationNotFound,
    PredictionNotFound,
    FileNotFound,
    KeyNotFound,
    VersionNotReady,
    OperationNotPending,
    RegistryConflict,
    AliasConflict,
    ModelOverloaded,
    MemoryExhausted,
    ModelLoadFailed,
    ScoringFailed,
    StoreUnavailable,
}
