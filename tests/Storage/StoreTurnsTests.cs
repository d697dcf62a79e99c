using Modeldrop.Storage;

namespace Modeldrop.Tests.Storage;

public sealed class StoreTurnsTests
{
    private readonly StoreTurns _turns = new();
    private readonly List<int> _written = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RunAsync_SlowOneFirst_NoOtherOvertakesIt()
    {
        var slow = new TaskCompletionSource();
        Task<int>[] writes = [.. Enumerable.Range(0, 20)
            .Select(number => WriteAsync("flights", number, number == 0 ? slow.Task : Task.CompletedTask))];

        Assert.Equal(99, await WriteAsync("digits", 99, Task.CompletedTask));
        Assert.DoesNotContain(writes, write => write.IsCompleted);
        slow.SetResult();
        await Task.WhenAll(writes);

        Assert.Equal([99, .. Enumerable.Range(0, 20)], _written);
    }

    [Fact]
    public async Task RunAsync_OneCancelledAndOneFailed_TheOthersKeepTheirOrder()
    {
        var slow = new TaskCompletionSource();
        using var cancelled = new CancellationTokenSource();
        Task<int> first = WriteAsync("flights", 1, slow.Task);
        Task<int> second = _turns.RunAsync("flights", () => Task.FromResult(2), cancelled.Token);
        Task<int> third = WriteAsync("flights", 3, Task.FromException(new InvalidOperationException("broken")));
        Task<int> fourth = WriteAsync("flights", 4, Task.CompletedTask);

        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.False(fourth.IsCompleted);
        slow.SetResult();

        Assert.Equal((1, 4), (await first, await fourth));
        await Assert.ThrowsAsync<InvalidOperationException>(() => third);
        Assert.Equal([1, 4], _written);
    }

    private Task<int> WriteAsync(string key, int number, Task work) => _turns.RunAsync(key, async () =>
    {
        await work;
        _written.Add(number);
        return number;
    }, Token);
}
