using Microsoft.Extensions.Time.Testing;

namespace Modeldrop.Tests;

/// <summary>A clock that can be set forward and back; its timers are not affected.</summary>
internal sealed class ShiftedClock(FakeTimeProvider inner) : TimeProvider
{
    public FakeTimeProvider Inner => inner;

    public TimeSpan Shift { get; set; }

    public override DateTimeOffset GetUtcNow() => inner.GetUtcNow() + Shift;

    public override long GetTimestamp() => inner.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        inner.CreateTimer(callback, state, dueTime, period);
}
