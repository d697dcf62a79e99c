using Modeldrop.Names;

namespace Modeldrop.Functions.Lifecycle.Operations;

/// <summary>An operation in the engine's store.</summary>
/// <param name="Data">The engine's data, fetched with inputs and outputs.</param>
internal sealed record StoredOperation(OperationId Id, OrchestrationMetadata Data);
