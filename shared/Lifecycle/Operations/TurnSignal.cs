namespace Modeldrop.Lifecycle.Operations;

/// <summary>Tells an operation that waits for others that it is its turn.</summary>
public static class TurnSignal
{
    public const string Name = "turn";

    /// <param name="next">The operations whose turn it is now. One that works already ignores the signal.</param>
    public static async Task WakeAsync(this IOperations operations, IReadOnlyList<string> next, CancellationToken cancellationToken)
    {
        foreach (string operation in next)
        {
            await operations.SignalAsync(operation, Name, "ended", cancellationToken);
        }
    }
}
