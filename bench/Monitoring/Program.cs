// Usage: Modeldrop.MonitoringBench [false-alarms] [power] [hourly-looks] [seasons] [flights] [degradation] [kinds] [fold] [--quick].
// Without a name it runs everything. Tables go to standard output.
using Modeldrop.MonitoringBench;

string[] names = [.. args.Where(arg => !arg.StartsWith('-'))];
bool quick = args.Contains("--quick");
bool Wanted(string name) => names.Length == 0 || names.Contains(name);

if (Wanted("false-alarms"))
{
    FalseAlarms.Run(quick ? 400 : 2000);
}

if (Wanted("power"))
{
    Power.Run(quick ? 200 : 1000);
}

if (Wanted("hourly-looks"))
{
    HourlyLooks.Run(quick ? 40 : 200);
}

if (Wanted("seasons"))
{
    Seasons.Run(quick ? 16 : 100);
}

if (Wanted("flights"))
{
    Flights.Run(quick ? 10 : 40);
}

if (Wanted("degradation"))
{
    Degradation.Run(quick ? 200 : 1000);
}

if (Wanted("kinds"))
{
    DriftKinds.Run(quick ? 200 : 1000);
}

if (Wanted("fold"))
{
    await FoldCost.RunAsync(quick ? 100_000 : 3_000_000, rowsARecord: 1);
}
