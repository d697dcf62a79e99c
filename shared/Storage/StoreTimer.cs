namespace Modeldrop.Storage;

/// <summary>The timer of the loops that follow the store.</summary>
internal static class StoreTimer
{
    /// <summary>Waits for the next tick.</summary>
    /// <returns>False when the process stops.</returns>
    public static async ValueTask<bool> NextAsync(this PeriodicTimer timer, CancellationToken stoppingToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
