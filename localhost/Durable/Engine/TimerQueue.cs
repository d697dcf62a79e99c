namespace Modeldrop.LocalHost.Durable.Engine;

/// <summary>Something that is to happen at a time.</summary>
internal sealed class Alarm(DateTimeOffset due, Action ring, Action<Alarm> cancel)
{
    public DateTimeOffset Due => due;

    public void Ring() => ring();

    /// <summary>It does not ring any more; at most it is ringing already.</summary>
    public void Cancel() => cancel(this);
}

/// <summary>Durable timers while they are in memory: any number of them on one system timer.</summary>
internal sealed class TimerQueue : IDisposable
{
    /// <summary>The clock may be set, and the machine may sleep: look again at least this often.</summary>
    private static readonly TimeSpan LongestSleep = TimeSpan.FromMinutes(1);

    private readonly PriorityQueue<Alarm, DateTimeOffset> _alarms = new();
    private readonly Lock _gate = new();
    private readonly TimeProvider _clock;
    private readonly ITimer _timer;
    private bool _disposed;

    public TimerQueue(TimeProvider clock)
    {
        _clock = clock;
        _timer = clock.CreateTimer(_ => RingDue(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public Alarm Arm(DateTimeOffset due, Action ring)
    {
        var alarm = new Alarm(due, ring, Cancel);
        lock (_gate)
        {
            _alarms.Enqueue(alarm, due);
            Rearm();
        }

        return alarm;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _alarms.Clear();
        }

        _timer.Dispose();
    }

    private void Cancel(Alarm alarm)
    {
        lock (_gate)
        {
            _alarms.Remove(alarm, out _, out _);
        }
    }

    private void RingDue()
    {
        var due = new List<Alarm>();
        lock (_gate)
        {
            while (_alarms.TryPeek(out Alarm? next, out _) && next.Due <= _clock.GetUtcNow())
            {
                due.Add(_alarms.Dequeue());
            }

            Rearm();
        }

        due.ForEach(alarm => alarm.Ring());
    }

    private void Rearm()
    {
        if (!_disposed && _alarms.TryPeek(out Alarm? next, out _))
        {
            // One millisecond more: a timer that comes early would only have to be armed again.
            TimeSpan wait = next.Due - _clock.GetUtcNow() + TimeSpan.FromMilliseconds(1);
            _timer.Change(wait < TimeSpan.Zero ? TimeSpan.Zero : wait > LongestSleep ? LongestSleep : wait, Timeout.InfiniteTimeSpan);
        }
    }
}
