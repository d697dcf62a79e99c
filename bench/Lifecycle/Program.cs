// Usage: Modeldrop.LifecycleBench [times] [burst] [pages] [cost] [--quick]. Without a name it runs everything. The table goes to standard
// output.
using Modeldrop.LifecycleBench;

string[] names = [.. args.Where(arg => !arg.StartsWith('-'))];
bool quick = args.Contains("--quick");
bool Wanted(string name) => names.Length == 0 || names.Contains(name);

var report = new Report();
if (Wanted("times"))
{
    await Times.RunAsync(report, quick ? 3 : 10);
}

if (Wanted("burst"))
{
    await Burst.RunAsync(report, quick ? 40 : 300);
}

if (Wanted("pages"))
{
    await Pages.RunAsync(report, quick ? 50 : 500, quick ? 10_000 : 1_000_000);
}

if (Wanted("cost"))
{
    await Cost.RunAsync(report, quick);
}

report.Write();
if (Wanted("cost"))
{
    Console.WriteLine();
    Console.WriteLine(Prices.Assumed);
}
