namespace Modeldrop.Tests.Acceptance.Crash;

/// <summary>The side of a write on which the host dies.</summary>
internal enum KillMoment
{
    /// <summary>The write never reaches the account.</summary>
    Before,

    /// <summary>The write is done, but the host gets no answer.</summary>
    After,
}

/// <param name="Write">The number of the write, from 1, since the scenario began or the host was restarted.</param>
internal readonly record struct Kill(int Write, KillMoment Moment)
{
    public override string ToString() => $"{(Moment == KillMoment.Before ? "before" : "after")} write {Write}";
}

/// <summary>Counts writes and kills the host at one of them.</summary>
/// <param name="end">Completes when the host is dead.</param>
internal sealed class KillSwitch(Kill kill, Func<Task> end)
{
    private readonly TaskCompletionSource _struck = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _writes;

    public KillMoment Moment => kill.Moment;

    /// <summary>Completes when the host is dead.</summary>
    public Task Struck => _struck.Task;

    /// <summary>The write at which the host died, in words; null while the host lives.</summary>
    public string? StruckAt { get; private set; }

    /// <returns>Whether this is the write.</returns>
    public bool Count(string what)
    {
        if (Interlocked.Increment(ref _writes) != kill.Write)
        {
            return false;
        }

        StruckAt = what;
        return true;
    }

    public async Task StrikeAsync()
    {
        await end();
        _struck.TrySetResult();
    }
}
