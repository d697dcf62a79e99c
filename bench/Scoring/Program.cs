// Usage: Modeldrop.ScoringBench [throughput] [tail] [overhead] [binary] [start] [outage] [settings] [many-models] [memory] [log-rate]
// [soak] [attack] [bad-requests] [speed] [--quick]. Without a name it runs everything. The table goes to standard output.
using Modeldrop.ScoringBench;

string[] names = [.. args.Where(arg => !arg.StartsWith('-'))];
bool quick = args.Contains("--quick");
bool Wanted(string name) => names.Length == 0 || names.Contains(name);

var report = new Report();
if (Wanted("throughput"))
{
    await Throughput.RunAsync(report, quick ? 1 : 5, TimeSpan.FromSeconds(quick ? 3 : 5));
}

if (Wanted("tail"))
{
    await TailLatency.RunAsync(report, quick ? 1 : 5, TimeSpan.FromSeconds(quick ? 3 : 5));
}

if (Wanted("overhead"))
{
    await ModelOverhead.RunAsync(report, quick ? 1 : 5, TimeSpan.FromSeconds(quick ? 3 : 5));
}

if (Wanted("binary"))
{
    await BinaryTensors.RunAsync(report, quick ? 1 : 5, TimeSpan.FromSeconds(quick ? 3 : 5));
}

if (Wanted("start"))
{
    await StartTime.RunAsync(report, quick ? 1 : 5);
}

if (Wanted("outage"))
{
    await StoreOutage.RunAsync(report, TimeSpan.FromSeconds(quick ? 15 : 60));
}

if (Wanted("settings"))
{
    Settings.Run(report, quick ? 1 : 5);
}

if (Wanted("many-models"))
{
    await ManyModels.RunAsync(report, quick ? 40 : 200, TimeSpan.FromSeconds(quick ? 10 : 60));
}

if (Wanted("log-rate"))
{
    await LogRate.RunAsync(report, TimeSpan.FromSeconds(quick ? 10 : 60));
}

if (Wanted("soak"))
{
    await Soak.RunAsync(report, TimeSpan.FromMinutes(quick ? 1 : 10));
}

if (Wanted("attack"))
{
    await Attack.RunAsync(report, TimeSpan.FromSeconds(quick ? 15 : 60));
}

if (Wanted("bad-requests"))
{
    await Attack.EachBadRequestAsync(report, TimeSpan.FromSeconds(quick ? 10 : 60));
}

if (Wanted("memory"))
{
    await LargeRuns.RunAsync(report, quick ? 3 : 10);
}

if (Wanted("speed"))
{
    await SpeedRoom.RunAsync(report, quick ? 3 : 10);
}

report.Write();
