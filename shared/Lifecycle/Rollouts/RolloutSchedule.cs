namespace Modeldrop.Lifecycle.Rollouts;

/// <summary>When the gate of a step looks. Pure, so that an orchestration that is replayed has the same.</summary>
/// <remarks>
/// Five times while it bakes, so that a disaster does not go on for the whole of it; after that, as long as there is no verdict, at once
/// more and then at intervals that double from five seconds. So a step looks a few dozen times at most, whatever its times are.
/// </remarks>
public sealed class RolloutSchedule
{
    private const int BakeLooks = 5;

    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(5);

    private RolloutSchedule(IReadOnlyList<TimeSpan> looks, int firstToPass)
    {
        Looks = looks;
        FirstToPass = firstToPass;
    }

    /// <summary>Since the step's begin, ascending.</summary>
    public IReadOnlyList<TimeSpan> Looks { get; }

    /// <summary>Index of the look from which on the step may be passed; earlier ones can only end the rollout.</summary>
    public int FirstToPass { get; }

    /// <summary>From the look before, or from the step's begin, to this one.</summary>
    public TimeSpan PauseBefore(int look) => look == 0 ? Looks[0] : Looks[look] - Looks[look - 1];

    public static RolloutSchedule Of(TimeSpan bake, TimeSpan maxWait)
    {
        int baking = bake > TimeSpan.Zero ? BakeLooks : 1;
        var looks = new List<TimeSpan>();
        for (int look = 1; look <= baking; look++)
        {
            looks.Add(bake * ((double)look / baking));
        }

        for (TimeSpan wait = FirstWait; looks[^1] < bake + maxWait; wait *= 2)
        {
            TimeSpan next = looks[^1] + wait;
            looks.Add(next < bake + maxWait ? next : bake + maxWait);
        }

        return new RolloutSchedule(looks, baking - 1);
    }
}
