using Modeldrop.Tests.Acceptance.Crash.Scenarios;

namespace Modeldrop.Tests.Acceptance.Crash;

/// <summary>A sample of the crash sweep, chosen by the seed. <see cref="CrashSweepTests"/> runs the whole sweep.</summary>
public sealed class CrashSampleTests(ITestOutputHelper output)
{
    private const int RunsAScenario = 2;
    private const int RepeatedKills = 8;

    /// <summary>A start writes a few dozen times, a registration more often.</summary>
    private const int MostWritesOfALife = 40;

    /// <summary>Either of two hosts may do the work, so that the other one does not reach the write.</summary>
    private const int MostRunsOfTwo = 12;

    private const int DefaultSeed = 20260131;

    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("MODELDROP_CRASH_SEED"), out int given)
        ? given
        : DefaultSeed;

    [Fact]
    public async Task RandomWrite_KilledBeforeOrAfter_RecoversToTheExpectedState()
    {
        var random = new Random(Seed);
        List<CrashRun> runs = [];
        await using CrashHost host = await CrashHost.StartAsync();
        var sweep = new CrashSweep(host, run => Note(runs, run));
        foreach (CrashScenario scenario in CrashScenarios.All())
        {
            for (int run = 0; run < RunsAScenario; run++)
            {
                await sweep.RunAsync(scenario, Next(random, scenario.Writes));
            }
        }

        AssertAsTheyMust(runs, leastKills: runs.Count / 2);
    }

    [Fact]
    public async Task Register_KilledRepeatedly_MakesOneVersion()
    {
        var random = new Random(Seed);
        List<CrashRun> runs = [];
        await using CrashHost host = await CrashHost.StartAsync();
        Kill[] kills = [.. Enumerable.Range(0, RepeatedKills).Select(_ => Next(random, MostWritesOfALife))];
        await new CrashSweep(host, run => Note(runs, run)).RunAsync(new FirstVersion(), kills);

        AssertAsTheyMust(runs, leastKills: 1);
    }

    [Fact]
    public async Task Register_OneOfTwoHostsKilled_TheOtherContinues()
    {
        var random = new Random(Seed);
        List<CrashRun> runs = [];
        await using CrashHost host = await CrashHost.StartAsync(two: true);
        var sweep = new CrashSweep(host, run => Note(runs, run));
        CrashScenario[] scenarios = [new FirstVersion(), new PromoteByHand(), new UploadedVersion()];
        for (int next = 0; next < scenarios.Length || (next < MostRunsOfTwo && runs.All(run => run.Killed.Count == 0)); next++)
        {
            CrashScenario scenario = scenarios[next % scenarios.Length];
            CrashRun run = await sweep.RunAsync(scenario, Next(random, scenario.Writes));
            if (run.Killed.Count == 0)
            {
                host.Swap();
            }
        }

        AssertAsTheyMust(runs, leastKills: 1);
    }

    private static Kill Next(Random random, int writes) => new(random.Next(1, writes + 1), (KillMoment)random.Next(2));

    private void Note(List<CrashRun> runs, CrashRun run)
    {
        runs.Add(run);
        output.WriteLine($"{run.Duration.TotalSeconds:0.0} s  {run}");
    }

    private void AssertAsTheyMust(List<CrashRun> runs, int leastKills)
    {
        output.WriteLine($"Again with MODELDROP_CRASH_SEED={Seed}.");
        Assert.Empty(runs.Where(run => run.Violations.Count > 0).Select(run => $"seed {Seed}: {run}"));

        // A sample without a kill proves nothing.
        Assert.InRange(runs.Sum(run => run.Killed.Count), leastKills, int.MaxValue);
    }
}
