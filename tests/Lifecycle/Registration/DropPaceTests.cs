using Microsoft.Extensions.Time.Testing;
using Modeldrop.Functions.Lifecycle.Registration;

namespace Modeldrop.Tests.Lifecycle.Registration;

public sealed class DropPaceTests
{
    private readonly FakeTimeProvider _clock = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Wait_Burst_StartsEightAtOnceThenThreeASecond()
    {
        var pace = new DropPace(_clock);
        Task[] starts = [.. Enumerable.Range(0, 20).Select(_ => pace.WaitAsync(Token))];

        Assert.Equal(8, starts.Count(start => start.IsCompleted));
        _clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(18, starts.Count(start => start.IsCompleted));
    }
}
