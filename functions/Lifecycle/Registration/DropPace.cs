namespace Modeldrop.Functions.Lifecycle.Registration;

/// <summary>
/// Spreads the starts of many registrations, so that the first drops of a burst are served before the last ones are looked at.
/// </summary>
/// <remarks>
/// Faster than drops are registered, so that the line for slots never runs empty; slow enough to leave most of the store and of the
/// processors to those that have a slot. Per process. Thread-safe.
/// </remarks>
public sealed class DropPace(TimeProvider clock)
{
    /// <summary>So many start at once.</summary>
    private const int AtOnce = 8;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(300);

    private readonly Lock _lock = new();
    private DateTimeOffset _next;

    /// <summary>Waits for the turn of a start; in the order of the calls.</summary>
    public Task WaitAsync(CancellationToken cancellationToken)
    {
        TimeSpan wait;
        lock (_lock)
        {
            DateTimeOffset now = clock.GetUtcNow();

            // Also after the clock was put back.
            DateTimeOffset earliest = now - (Interval * AtOnce);
            _next = _next < earliest || _next > now + TimeSpan.FromMinutes(1) ? earliest : _next;
            _next += Interval;
            wait = _next - now;
        }

        return wait > TimeSpan.Zero ? Task.Delay(wait, clock, cancellationToken) : Task.CompletedTask;
    }
}
