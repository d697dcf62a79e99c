using System.Diagnostics;

namespace Modeldrop.Tests.Acceptance.Crash;

/// <summary>One run: when the host was killed, and the violations after everything had ended.</summary>
/// <param name="Killed">The kills that happened, with the write in words.</param>
internal sealed record CrashRun(
    string Scenario,
    IReadOnlyList<Kill> Kills,
    IReadOnlyList<(Kill Kill, string At)> Killed,
    IReadOnlyList<string> Violations,
    TimeSpan Duration)
{
    public override string ToString()
    {
        string when = Killed.Count == 0
            ? $"not killed ({string.Join(", ", Kills)} was not reached)"
            : $"killed {string.Join(", ", Killed.Select(killed => $"{killed.Kill} ({killed.At})"))}";
        return $"{Scenario}, {when}: {(Violations.Count == 0 ? "as it must be" : string.Join(" · ", Violations))}";
    }
}

/// <summary>Runs scenarios and kills the host meanwhile.</summary>
/// <param name="report">Receives every run.</param>
internal sealed class CrashSweep(CrashHost host, Action<CrashRun> report)
{
    private const int LastLines = 12;

    private int _runs;

    /// <summary>Kills at every write of the scenario, once a run.</summary>
    /// <param name="moments">The sides of a write to kill at.</param>
    /// <param name="every">1: at each write; n: at every nth write on either side, with different writes on the two sides.</param>
    public async Task SweepAsync(CrashScenario scenario, IReadOnlyList<KillMoment> moments, int every)
    {
        foreach (KillMoment moment in moments)
        {
            // Ends when two consecutive writes are not reached: the number of writes can vary by one, depending on who comes first.
            int missed = 0;
            for (int write = moment == KillMoment.Before ? 1 : 1 + (every / 2); missed < 2; write += every)
            {
                CrashRun run = await RunAsync(scenario, new Kill(write, moment));
                missed = run.Killed.Count == 0 ? missed + 1 : 0;
            }
        }
    }

    /// <param name="kills">The kills in order, each counted from the start after the previous kill.</param>
    public async Task<CrashRun> RunAsync(CrashScenario scenario, params IReadOnlyList<Kill> kills)
    {
        long start = Stopwatch.GetTimestamp();
        List<(Kill, string)> killed = [];
        IReadOnlyList<string> violations;
        try
        {
            await scenario.PrepareAsync(host, ++_runs);
            await host.UntilIdleAsync();
            await ActAsync(scenario, kills, killed);
            host.Disarm();
            await host.UntilIdleAsync();
            violations = await scenario.CheckAsync(host);
        }
        catch (Exception exception)
        {
            violations = [exception.ToString(), .. host.Output.Split('\n').TakeLast(LastLines)];
            await host.ReplaceAsync();
        }

        var run = new CrashRun(scenario.Name, kills, killed, violations, Stopwatch.GetElapsedTime(start));
        report(run);
        return run;
    }

    private async Task ActAsync(CrashScenario scenario, IReadOnlyList<Kill> kills, List<(Kill, string)> killed)
    {
        KillSwitch? armed = host.Arm(kills[0]);
        Task ended = EndAsync(scenario);
        for (int next = 1; armed is not null && await Task.WhenAny(ended, armed.Struck) == armed.Struck; next++)
        {
            killed.Add((kills[next - 1], armed.StruckAt!));
            armed = await host.RestartAsync(next < kills.Count ? kills[next] : null);
        }

        await ended;
    }

    /// <summary>Writes of an operation after its visible end belong to the scenario too.</summary>
    private async Task EndAsync(CrashScenario scenario)
    {
        await scenario.ActAsync(host);
        await host.UntilIdleAsync();
    }
}
