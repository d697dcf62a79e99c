using Modeldrop.Names;

namespace Modeldrop.Lifecycle.Operations;

/// <summary>Wakes waiting operations when it is their turn.</summary>
public static class TurnSignal
{
    public const string Name = "turn";

    /// <param name="next">The operations whose turn it is now. An operation that already works ignores the signal.</param>
    public static async Task WakeAsync(this IOperations operations, IReadOnlyList<OperationId> next, CancellationToken cancellationToken)
    {
        foreach (OperationId operation in next)
        {
            await operations.SignalAsync(operation, Name, "ended", cancellationToken);
        }
    }
}
