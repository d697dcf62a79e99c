namespace Modeldrop.Functions.Lifecycle.Registration;

/// <summary>
/// Spreads the starts of many registrations, so that the first drops of a burst are served before the last ones are inspected.
/// </summary>
/// <remarks>
/// Starts are faster than registrations, so the line for slots never runs empty. They are slow enough to leave most of the store and of the
/// processors to operations with a slot. Per process. Thread-safe.
/// </remarks>
public sealed class DropPace(TimeProvider clock)
{
    /// <summary>Number of starts at once.</summary>
    private const int AtOnce = 8;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(300);

    private readonly Lock _lock = new();
    private DateTimeOffset _next;

    /// <summary>Waits until a start may proceed, in the order of the calls.</summary>
    public Task WaitAsync(CancellationToken cancellationToken)
    {
        TimeSpan wait;
        lock (_lock)
        {
            DateTimeOffset now = clock.GetUtcNow();

            // Also correct after the clock was set back.
            DateTimeOffset earliest = now - (Interval * AtOnce);
            _next = _next < earliest || _next > now + TimeSpan.FromMinutes(1) ? earliest : _next;
            _next += Interval;
            wait = _next - now;
        }

        return wait > TimeSpan.Zero ? Task.Delay(wait, clock, cancellationToken) : Task.CompletedTask;
    }
}
