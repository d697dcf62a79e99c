using System.Diagnostics;
using System.Globalization;
using Modeldrop.Standalone.Emulator;

namespace Modeldrop.LifecycleBench;

/// <summary>The console's pages of a large installation: their time and their storage requests.</summary>
internal static class Pages
{
    private const string Hub = "PagesBench";
    private const int Repeats = 10;

    private static readonly (string What, string Path)[] Shown =
    [
        ("models, first page", "/"),
        ("models, last page", "/?page=20"),
        ("models, searched", "/?search=model-01&show=serving"),
        ("a model", "/console/models/flights"),
        ("a model of ten versions", "/console/models/model-0250"),
        ("a version beside another", "/console/models/model-0250/versions/10?against=9"),
        ("drift", "/console/models/flights/drift"),
        ("performance", "/console/models/flights/performance"),
        ("a prediction", LargeInstallation.Record),
        ("predictions of a key", "/console/predictions?model=flights&key=order-7"),
        ("operations", "/console/operations"),
        ("alerts", "/console/alerts"),
        ("audit of all models", "/console/audit"),
        ("audit of a model", "/console/audit?model=model-0250"),
        ("data sets", "/console/datasets"),
        ("drop", "/console/drop"),
        ("keys", "/console/keys"),
    ];

    public static async Task RunAsync(Report report, int models, int predictions)
    {
        string data = Directory.CreateTempSubdirectory("modeldrop-bench").FullName;
        await using StorageEmulator account = await Server.StartAccountAsync();
        await using StorageCounter counter = await StorageCounter.StartAsync(account.ConnectionString, Hub);
        await using Server app = await Server.StartAppAsync(
            data, ("AzureWebJobsStorage", counter.ConnectionString), ("Durable__HubName", Hub));
        var installation = new LargeInstallation(app, account);
        await installation.RegisterAsync();
        await installation.CloneAsync(models);
        string record = await installation.LogAsync(predictions);
        await installation.CheckDriftAsync();
        foreach ((string what, string path) in Shown)
        {
            string address = path.Replace(LargeInstallation.Record, $"/console/predictions/{record}", StringComparison.Ordinal);
            (double[] times, double requests) = await OpenAsync(app, counter, address);
            report.Add(
                string.Create(CultureInfo.InvariantCulture, $"{what}: `{path}`"), "",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Report.Median([.. times]) * 1000:0} ms (at most {times.Max() * 1000:0}), {requests:0} storage requests"));
        }
    }

    /// <returns>Seconds of each try, and the fewest requests of a try, because the app's own rounds continue meanwhile.</returns>
    private static async Task<(double[] Times, double Requests)> OpenAsync(Server app, StorageCounter counter, string address)
    {
        List<double> times = [];
        double fewest = double.MaxValue;
        for (int repeat = 0; repeat < Repeats; repeat++)
        {
            counter.Take();
            long start = Stopwatch.GetTimestamp();
            using HttpResponseMessage answer = await app.Http.GetAsync(address);
            await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
            times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            fewest = Math.Min(fewest, counter.Take().RequestsOf(Payer.Product, Payer.Engine));
        }

        return ([.. times], fewest);
    }
}
