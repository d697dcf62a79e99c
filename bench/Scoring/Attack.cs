using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.ML.OnnxRuntime.Tensors;
using Modeldrop.Standalone.Emulator;
using Modeldrop.Tests.Scoring;

namespace Modeldrop.ScoringBench;

/// <summary>
/// The slowest percent of one model's requests while other models are attacked, compared with no attack, on an instance of 2 GiB.
/// </summary>
/// <remarks>
/// The attack: runs of 300 MB and of 3 GB by a shape in the request, runs that never end, bodies that are malformed, large or endless, and
/// drops that use up memory or are not models. Generators, emulator and app share the processors; the client that measures runs before
/// them where that is allowed, as it would on a machine of its own. A quiet time precedes each attack, because the speed of a shared
/// machine changes within minutes.
/// </remarks>
internal static class Attack
{
    private const long InstanceBytes = 2L << 30;
    private const int Connections = 8;
    private const int Turns = 3;

    /// <summary>About 200 requests a second, so that the machine is not saturated without the attack.</summary>
    private const int MeanPause = 40;

    private static readonly TimeSpan BetweenDrops = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public static async Task RunAsync(Report report, TimeSpan length)
    {
        await using StorageEmulator account = await Server.StartAccountAsync();
        string data = Directory.CreateTempSubdirectory("modeldrop-bench").FullName;
        await using MemoryGroup? group = MemoryGroup.TryCreate(InstanceBytes);
        await using Server app = await Server.StartInstanceAsync(group, [], data, Server.Connection(account));
        JsonObject logging = new() { ["mode"] = "off" };
        Target other = await RegisterOtherAsync(app);
        Target sums = await Models.RegisterAsync(app, "sums", OnnxBuilder.Zeros(isSummed: true), logging, Zeros(1));
        Target loop = await Models.RegisterAsync(app, "loop", OnnxBuilder.Loop(), logging, Loops(1));
        await RegisterSoakAsync(app);
        ConcurrentDictionary<string, int> answers = new();
        IReadOnlyList<BadRequest> badRequests = BadRequests.Of(app, answers);
        await Wrk.RunAsync(other, Connections, TimeSpan.FromSeconds(5), MeanPause, Processors.First);
        foreach ((string name, Func<CancellationToken, IEnumerable<Task>> part) in Parts(app, sums, loop, badRequests, answers))
        {
            (WrkResult quiet, WrkResult beside) = await InTurnAsync(part, other, length / 2);
            report.Add($"p99 of a model beside {name} alone", "< 3×", Compared(beside, quiet));
        }

        answers.Clear();
        List<(WrkResult Quiet, WrkResult Beside)> turns = [];
        while (turns.Count < Turns)
        {
            turns.Add(await InTurnAsync(
                stop => Parts(app, sums, loop, badRequests, answers).SelectMany(part => part.Start(stop)), other, length / 2));
        }

        string where = group is null ? "no limit of memory: this machine makes no control groups" : "in a control group of 2 GiB";
        report.Add(
            $"p99 of a model while others are attacked, {where}, {Turns} times", "< 3× in the median",
            string.Join("; ", turns.OrderBy(turn => turn.Beside.P99 / turn.Quiet.P99).Select(turn => Compared(turn.Beside, turn.Quiet))));
        report.Add(
            "… its requests, quiet and attacked", "none failed", string.Create(CultureInfo.InvariantCulture,
                $"{turns.Sum(turn => turn.Quiet.Requests)} and {turns.Sum(turn => turn.Beside.Requests)}; "
                    + $"{turns.Sum(turn => turn.Quiet.Failed)} and {turns.Sum(turn => turn.Beside.Failed)} failed"));
        report.Add("… answers to the attack", "no 500, no end of the process", Soak.Words(answers));
        report.Add(
            "… memory: the app at its end; the group at most", "2 GiB", string.Create(CultureInfo.InvariantCulture,
                $"{app.WorkingSet >> 20} MiB; {(group is null ? "unknown" : $"{group.PeakBytes >> 20} MiB")}"));
    }

    /// <summary>
    /// Bad requests of each kind alone, then all of them, beside another model: generators and app on the same processors, then apart.
    /// </summary>
    public static async Task EachBadRequestAsync(Report report, TimeSpan length)
    {
        await EachBadRequestAsync(report, length, "generators and app share the processors", []);
        Processors.LeaveToApp();
        await EachBadRequestAsync(report, length, "generators and app apart", Processors.ForApp, Processors.First);
    }

    private static async Task EachBadRequestAsync(
        Report report, TimeSpan length, string where, string[] beforeApp, params string[] beforeWrk)
    {
        await using StorageEmulator account = await Server.StartAccountAsync();
        string data = Directory.CreateTempSubdirectory("modeldrop-bench").FullName;
        await using MemoryGroup? group = MemoryGroup.TryCreate(InstanceBytes);
        await using Server app = await Server.StartInstanceAsync(group, beforeApp, data, Server.Connection(account));
        Target other = await RegisterOtherAsync(app);
        await RegisterSoakAsync(app);
        ConcurrentDictionary<string, int> answers = new();
        IReadOnlyList<BadRequest> all = BadRequests.Of(app, answers);
        await Wrk.RunAsync(other, Connections, TimeSpan.FromSeconds(5), MeanPause, beforeWrk);
        WrkResult quiet = await Wrk.RunAsync(other, Connections, length, MeanPause, beforeWrk);
        IEnumerable<(string Name, IReadOnlyList<BadRequest> Requests)> parts =
            [.. all.Select(one => (one.Name, (IReadOnlyList<BadRequest>)[one])), ("all of them", all)];
        foreach ((string name, IReadOnlyList<BadRequest> requests) in parts)
        {
            answers.Clear();
            (double ofApp, double ofGenerator) = Seconds(app);
            double pausedBefore = await PausesAsync(app);
            WrkResult beside = await BesideAsync(
                stop => requests.Select(bad => Soak.RepeatAsync(bad.AskAsync, stop)), other, length, beforeWrk);
            (double appAfter, double generatorAfter) = Seconds(app);
            double paused = await PausesAsync(app) - pausedBefore;
            string used = string.Create(
                CultureInfo.InvariantCulture, $"app {appAfter - ofApp:0.0} s, generator {generatorAfter - ofGenerator:0.0} s; "
                    + $"pauses to collect garbage {paused:0.00} s");
            report.Add(
                $"p99 beside {name}, {where}", "< 3×", $"{Compared(beside, quiet)}; {Soak.Words(answers)}; processor time: {used}");
        }
    }

    private static (double OfApp, double OfGenerator) Seconds(Server app) =>
        (ProcessorTime.Of(app.ProcessId).Own, ProcessorTime.Of(Environment.ProcessId).Own);

    /// <summary>Seconds in which all threads of the app waited for the garbage collector.</summary>
    private static Task<double> PausesAsync(Server app) => app.CountAsync("system_runtime_dotnet_gc_pause_time");

    private static Task<Target> RegisterOtherAsync(Server app) => Models.RegisterAsync(
        app, "other", Models.ModelOf(Models.Digits), new JsonObject { ["mode"] = "buffered" }, Models.RowOf(Models.Digits), Models.Digits);

    private static Task<Target> RegisterSoakAsync(Server app) => Models.RegisterAsync(
        app, Soak.Model, OnnxBuilder.Identity(TensorElementType.Float, -1, 2), new JsonObject { ["mode"] = "off" }, Soak.Good);

    private static IEnumerable<(string Name, Func<CancellationToken, IEnumerable<Task>> Start)> Parts(
        Server app, Target sums, Target loop, IReadOnlyList<BadRequest> badRequests, ConcurrentDictionary<string, int> answers) =>
    [
        ("bad requests", stop => badRequests.Select(bad => Soak.RepeatAsync(bad.AskAsync, stop))),
        ("runs of 300 MB and of 3 GB", stop =>
        [
            Soak.RepeatAsync(() => AskAsync(sums with { Body = Zeros(75_000_000) }, answers), stop),
            Soak.RepeatAsync(() => AskAsync(sums with { Body = Zeros(750_000_000) }, answers), stop),
        ]),
        ("runs without an end", stop => Enumerable.Range(0, 2).Select(_ =>
            Soak.RepeatAsync(() => AskAsync(loop with { Body = Loops(1_000_000_000_000) }, answers), stop))),
        ("hostile drops", stop =>
        [
            Soak.RepeatAsync(() => DropAsync(app, "hungry", OnnxBuilder.ConstantZeros(800_000_000), answers), stop),
            Soak.RepeatAsync(() => DropAsync(app, "broken", Encoding.UTF8.GetBytes(Guid.NewGuid().ToString()), answers), stop),
        ]),
    ];

    private static async Task<(WrkResult Quiet, WrkResult Beside)> InTurnAsync(
        Func<CancellationToken, IEnumerable<Task>> attack, Target other, TimeSpan length) =>
        (await Wrk.RunAsync(other, Connections, length, MeanPause, Processors.First),
            await BesideAsync(attack, other, length, Processors.First));

    private static async Task<WrkResult> BesideAsync(
        Func<CancellationToken, IEnumerable<Task>> attack, Target other, TimeSpan length, params string[] beforeWrk)
    {
        using var stop = new CancellationTokenSource();
        Task[] running = [.. attack(stop.Token)];
        WrkResult beside = await Wrk.RunAsync(other, Connections, length, MeanPause, beforeWrk);
        await stop.CancelAsync();
        await Task.WhenAll(running);
        return beside;
    }

    private static string Compared(WrkResult beside, WrkResult quiet) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Report.Times(beside.P99 / quiet.P99)} ({quiet.P99.TotalMilliseconds:0.0} and {beside.P99.TotalMilliseconds:0.0} ms)");

    private static byte[] Zeros(long count) => Encoding.UTF8.GetBytes(
        $$"""{"inputs":[{"name":"k","shape":[1],"datatype":"INT64","data":[{{count}}]}]}""");

    private static byte[] Loops(long count) => Encoding.UTF8.GetBytes(
        $$"""
        {"inputs":[{"name":"k","shape":[1],"datatype":"INT64","data":[{{count}}]},{"name":"x","shape":[1],"datatype":"FP32","data":[1]}]}
        """);

    /// <summary>Sends a request and hangs up after a while.</summary>
    private static async Task AskAsync(Target target, ConcurrentDictionary<string, int> answers)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            using var content = new ByteArrayContent(target.Body);
            content.Headers.ContentType = new("application/json");
            using HttpResponseMessage response = await target.Server.Http.PostAsync(target.Path, content, patience.Token);
            Soak.Count(answers, $"{(int)response.StatusCode}");
        }
        catch (OperationCanceledException)
        {
            Soak.Count(answers, "given up");
        }
    }

    private static async Task DropAsync(Server app, string name, byte[] model, ConcurrentDictionary<string, int> answers)
    {
        using MultipartFormDataContent form = Models.Form(new() { ["model.onnx"] = model });
        using HttpResponseMessage response = await app.Http.PostAsync($"api/models/{name}/versions", form);
        Soak.Count(answers, $"{(int)response.StatusCode}");
        await Task.Delay(BetweenDrops);
    }
}
