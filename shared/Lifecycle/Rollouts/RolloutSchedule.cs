namespace Modeldrop.Lifecycle.Rollouts;

/// <summary>The times at which the gate of a step looks. Pure, so that a replayed orchestration computes the same times.</summary>
/// <remarks>
/// It looks five times while the step bakes, so that a bad candidate ends early. If there is still no verdict, it looks again at once and
/// then at intervals that double from five seconds. So a step has a few dozen looks at most, whatever its times are.
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

    /// <summary>Times since the step's start, ascending.</summary>
    public IReadOnlyList<TimeSpan> Looks { get; }

    /// <summary>Index of the first look that may pass the step; earlier looks can only end the rollout.</summary>
    public int FirstToPass { get; }

    /// <summary>Time from the previous look, or from the step's start, to this one.</summary>
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
