using System.Collections.Concurrent;

namespace Modeldrop.Tests.Acceptance.Crash;

/// <summary>SIGKILL at every storage write of every scenario; takes an hour or more: <c>bench/crash.sh</c>.</summary>
public sealed class CrashSweepTests(ITestOutputHelper output)
{
    /// <summary>The folder for the results of each run and the final table; null: only the test's output.</summary>
    private static readonly string? Folder = Environment.GetEnvironmentVariable("MODELDROP_CRASH_RESULTS");

    /// <summary>Part of a scenario's name; null: all scenarios.</summary>
    private static readonly string? Only = Environment.GetEnvironmentVariable("MODELDROP_CRASH_SCENARIO") is { Length: > 0 } name
        ? name
        : null;

    /// <summary><c>before</c> or <c>after</c>; null: both.</summary>
    private static readonly KillMoment? Side = Enum.TryParse(
        Environment.GetEnvironmentVariable("MODELDROP_CRASH_MOMENT"), ignoreCase: true, out KillMoment side)
        ? side
        : null;

    /// <summary>See <see cref="CrashSweep.SweepAsync"/>; not set: 1.</summary>
    private static readonly int Every = int.TryParse(Environment.GetEnvironmentVariable("MODELDROP_CRASH_EVERY"), out int every) ? every
        : 1;

    [Fact(Explicit = true)]
    public async Task EveryWrite_KilledBeforeAndAfter_RecoversToTheExpectedState()
    {
        var runs = new ConcurrentQueue<CrashRun>();
        foreach (CrashScenario scenario in CrashScenarios.All().Where(
                scenario => Only is null || scenario.Name.Contains(Only, StringComparison.OrdinalIgnoreCase)))
        {
            // A separate account for each scenario, so that thousands of models do not slow the runs down.
            await using CrashHost host = await CrashHost.StartAsync();
            await new CrashSweep(host, run => Note(runs, run))
                .SweepAsync(scenario, Side is { } only ? [only] : Enum.GetValues<KillMoment>(), Every);
        }

        string table = CrashTable.Render(runs);
        output.WriteLine(table);
        if (Folder is not null)
        {
            await File.WriteAllTextAsync(Path.Combine(Folder, "crash.md"), table, TestContext.Current.CancellationToken);
        }

        Assert.NotEmpty(runs);
        Assert.Empty(runs.Where(run => run.Violations.Count > 0).Select(run => run.ToString()));
    }

    private void Note(ConcurrentQueue<CrashRun> runs, CrashRun run)
    {
        runs.Enqueue(run);
        output.WriteLine(run.ToString());
        if (Folder is not null)
        {
            File.AppendAllText(Path.Combine(Folder, "crash.log"), $"{run.Duration.TotalSeconds:0.0} s  {run}\n");
        }
    }
}
