using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using Modeldrop.Standalone.Emulator;

namespace Modeldrop.LifecycleBench;

/// <summary>Storage transactions of a registration, of a promotion by hand and of an idle process, and their price in Azure.</summary>
/// <remarks>
/// The requests of an idle process in the same time are subtracted from a registration and a promotion. Their end is read from the account
/// behind the counter, because a request to the app would be counted.
/// </remarks>
internal static class Cost
{
    private const string Hub = "LifecycleBench";
    private const string Name = "penguins";
    private const double HoursAMonth = 730;

    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(1);

    /// <summary>The time after an operation: for receipts, and until the engine polls its queues as rarely as when idle.</summary>
    private static readonly TimeSpan Tail = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Every five minutes there are two spans without timers, from 0:35 and from 2:05. These are the first parts of the spans.
    /// </summary>
    private static readonly (double From, double To)[] QuietSeconds = [(35, 60), (125, 220)];

    private static readonly TimeSpan TimerPeriod = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public static async Task RunAsync(Report report, bool quick)
    {
        string data = Directory.CreateTempSubdirectory("modeldrop-bench").FullName;
        await using StorageEmulator account = await Server.StartAccountAsync();
        await using StorageCounter counter = await StorageCounter.StartAsync(account.ConnectionString, Hub);
        (string, string)[] settings = [("AzureWebJobsStorage", counter.ConnectionString), ("Durable__HubName", Hub)];
        await using Server app = await Server.StartAppAsync(data, settings);
        var drops = new Drops(app, account);
        var instances = new TableClient(account.ConnectionString, $"{Hub}Instances");

        Dictionary<string, byte[]> first = Models.Package(Name, "1");
        (Tally registration, TimeSpan registering) = await CountAsync(counter, instances, () => drops.ByFormAsync(Name, first));
        await AssertChampionAsync(app, 1);

        Dictionary<string, byte[]> second = Models.Package(Name, "2");
        second["model.json"] = """{ "promotion": { "mode": "off" } }"""u8.ToArray();
        await CountAsync(counter, instances, () => drops.ByFormAsync(Name, second));
        (Tally promotion, TimeSpan promoting) = await CountAsync(counter, instances, () => PromoteAsync(app));
        await AssertChampionAsync(app, 2);

        // Covers all five-minute timers once; the count without them is subtracted from the others.
        await Task.Delay(Settling);
        await UntilQuietAsync();
        counter.Take();
        await Task.Delay(TimeSpan.FromMinutes(1));
        Tally minute = counter.Take();
        await Task.Delay(quick ? TimeSpan.Zero : TimerPeriod - TimeSpan.FromMinutes(1));
        Tally hour = new Tally().Plus(minute, quick ? 60 : 12).Plus(counter.Take(), 12);

        Tally registered = registration.Plus(minute, -registering.TotalMinutes);
        Tally promoted = promotion.Plus(minute, -promoting.TotalMinutes);
        Add("one registration of `penguins` by form, until it is champion", "1,000 registrations", registered, 1000);
        Add("one promotion by hand", "1,000 promotions", promoted, 1000);
        Add("an idle process, one hour", "an idle month (730 hours)", hour, HoursAMonth);

        void Add(string what, string many, Tally tally, double times)
        {
            report.Add($"storage transactions of {what}", "", tally.Requests());
            report.Add($"price of {many}", "", tally.Price(times));
        }
    }

    /// <summary>Counts from the request until shortly after the end of the operation that it starts.</summary>
    private static async Task<(Tally Tally, TimeSpan Time)> CountAsync(
        StorageCounter counter, TableClient instances, Func<Task<string>> start)
    {
        await Task.Delay(Tail);
        await UntilQuietAsync();
        counter.Take();
        long begun = Stopwatch.GetTimestamp();
        string operation = Uri.UnescapeDataString((await start()).Split('/')[^1]);
        while (await StatusAsync(instances, operation) is not "Completed" and var status)
        {
            if (status is "Failed" or "Terminated" || Stopwatch.GetElapsedTime(begun) > Patience)
            {
                throw new InvalidOperationException($"The operation {operation} is {status}.");
            }

            await Task.Delay(200);
        }

        await Task.Delay(Tail);
        return (counter.Take(), Stopwatch.GetElapsedTime(begun));
    }

    private static async Task<string> StatusAsync(TableClient instances, string operation)
    {
        NullableResponse<TableEntity> row = await instances.GetEntityIfExistsAsync<TableEntity>(operation, "");
        return row.HasValue ? row.Value!.GetString("RuntimeStatus") : "not there";
    }

    private static async Task<string> PromoteAsync(Server app)
    {
        using var body = new StringContent("""{ "version": 2 }""", Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await app.Http.PostAsync($"api/models/{Name}/promote", body);
        response.EnsureSuccessStatusCode();
        return response.Headers.Location!.ToString();
    }

    private static async Task AssertChampionAsync(Server app, int version)
    {
        using JsonDocument head = JsonDocument.Parse(await app.Http.GetStringAsync($"api/models/{Name}"));
        if (!head.RootElement.GetProperty("aliases").TryGetProperty("champion", out JsonElement champion)
            || champion.GetProperty("version").GetInt32() != version)
        {
            throw new InvalidOperationException($"Version {version} is not the champion: {head.RootElement}");
        }
    }

    private static async Task UntilQuietAsync()
    {
        while (true)
        {
            double second = TimeProvider.System.GetUtcNow().TimeOfDay.TotalSeconds % TimerPeriod.TotalSeconds;
            if (QuietSeconds.Any(span => second >= span.From && second <= span.To))
            {
                return;
            }

            await Task.Delay(TimeSpan.FromSeconds(1));
        }
    }
}
