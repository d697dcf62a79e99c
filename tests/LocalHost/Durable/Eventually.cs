namespace Modeldrop.Tests.LocalHost.Durable;

/// <summary>Waits for a condition; gives up only where something must have gone wrong.</summary>
internal static class Eventually
{
    private static readonly TimeSpan HangGuard = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(2);

    public static Task True(Func<bool> condition) => AsyncTrue(() => Task.FromResult(condition()));

    public static async Task AsyncTrue(Func<Task<bool>> condition)
    {
        using var guard = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        guard.CancelAfter(HangGuard);
        while (!await condition())
        {
            await Task.Delay(Poll, guard.Token);
        }
    }
}
