using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Modeldrop.Standalone.Emulator;

namespace Modeldrop.ScoringBench;

/// <summary>A server in its own process, on a free port of the loopback address.</summary>
internal sealed class Server : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(2);

    private static readonly string Tools = Path.Combine(Repository.Root, ".data", "tools");

    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private Server(Process process, Uri address)
    {
        _process = process;
        Http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(5) };
    }

    public HttpClient Http { get; }

    public Uri Address => Http.BaseAddress!;

    /// <summary>Resident memory, in bytes.</summary>
    public long WorkingSet
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>The id of the process; the emulator that it started is its child.</summary>
    public int ProcessId => _process.Id;

    /// <summary>When the process was started, by the clock of this machine.</summary>
    public long StartedAt { get; private init; }

    /// <summary>Starts the function app with its own emulator in <paramref name="dataPath"/>; returns when it accepts requests.</summary>
    public static Task<Server> StartAppAsync(string dataPath, params (string Name, string Value)[] settings) =>
        StartAppAsync(Repository.Assembly("standalone", "Modeldrop.Standalone"), dataPath, settings);

    /// <summary>
    /// Starts an account for apps, which then have no emulator of their own. By default it is in memory, because the emulator rewrites its
    /// file of all rows again and again, which would distort the measurement.
    /// </summary>
    /// <param name="dataPath">Null: in memory.</param>
    public static Task<StorageEmulator> StartAccountAsync(string? dataPath = null) => StorageEmulator.StartAsync(new StorageEmulatorOptions
    {
        DataPath = dataPath,
        ToolsPath = Tools,
        Progress = Console.Error.WriteLine,
    });

    /// <summary>The setting that connects an app to an account.</summary>
    public static (string Name, string Value) Connection(StorageEmulator account) => ("AzureWebJobsStorage", account.ConnectionString);

    /// <param name="assembly">The built or published app.</param>
    public static Task<Server> StartAppAsync(string assembly, string dataPath, params (string Name, string Value)[] settings) =>
        StartAppAsync(null, [], assembly, dataPath, settings);

    /// <summary>Starts the app as an instance: published, with a memory limit; the emulator of its account is outside the limit.</summary>
    /// <param name="group">Null: no limit.</param>
    /// <param name="before">A command before the app's, such as <see cref="Processors.ForApp"/>.</param>
    public static async Task<Server> StartInstanceAsync(
        MemoryGroup? group, string[] before, string dataPath, params (string Name, string Value)[] settings) =>
        await StartAppAsync(group, before, await Published.AppAsync(), dataPath, settings);

    private static Task<Server> StartAppAsync(
        MemoryGroup? group, string[] before, string assembly, string dataPath, (string Name, string Value)[] settings)
    {
        string url = FreeUrl();
        return StartAsync(
            group,
            url,
            [.. before, "dotnet", assembly],
            "v2/health/ready",
            [
                ("ASPNETCORE_URLS", url),
                ("Host__DataPath", dataPath),
                ("Host__ToolsPath", Tools),
                ("Scoring__CachePath", Path.Combine(dataPath, "models")),
                .. settings,
            ]);
    }

    /// <summary>Starts the baseline with a model, or with <c>fixed</c> and the bytes of its answer.</summary>
    public static Task<Server> StartBaselineAsync(string kind, string argument) =>
        StartBaselineAsync(Repository.Assembly("bench/Baseline", "Modeldrop.Baseline"), kind, argument);

    /// <param name="assembly">The built or published baseline.</param>
    public static Task<Server> StartBaselineAsync(string assembly, string kind, string argument)
    {
        string url = FreeUrl();
        return StartAsync(null, url, ["dotnet", assembly, kind, argument, url], "", []);
    }

    /// <summary>The sum of a metric of the app over all labels.</summary>
    public async Task<double> CountAsync(string metric)
    {
        string metrics = await Http.GetStringAsync("metrics");
        return metrics.Split('\n').Where(line => line.StartsWith(metric, StringComparison.Ordinal))
            .Sum(line => double.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture));
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (!_process.HasExited)
        {
            // SIGINT lets the app end its emulator.
            using (var interrupt = Process.Start("kill", ["-INT", _process.Id.ToString(CultureInfo.InvariantCulture)]))
            {
                await interrupt.WaitForExitAsync();
            }

            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            try
            {
                await _process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
            }
        }

        _process.Dispose();
    }

    private static async Task<Server> StartAsync(
        MemoryGroup? group, string url, string[] command, string readyPath, (string Name, string Value)[] settings)
    {
        ProcessStartInfo start = group is null
            ? new ProcessStartInfo(command[0], command[1..])
            : new ProcessStartInfo("sh", ["-c", group.Entry, "sh", .. command]);
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        foreach ((string name, string value) in settings)
        {
            start.Environment[name] = value;
        }

        var server = new Server(new Process { StartInfo = start }, new Uri(url)) { StartedAt = Stopwatch.GetTimestamp() };
        server._process.OutputDataReceived += (_, line) => server.OnOutput(line.Data);
        server._process.ErrorDataReceived += (_, line) => server.OnOutput(line.Data);
        server._process.Start();
        server._process.BeginOutputReadLine();
        server._process.BeginErrorReadLine();
        await server.WaitAsync(readyPath);
        return server;
    }

    private async Task WaitAsync(string path)
    {
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                using HttpResponseMessage response = await Http.GetAsync(path);
                if (response.StatusCode != HttpStatusCode.ServiceUnavailable)
                {
                    return;
                }
            }
            catch (HttpRequestException) when (!_process.HasExited && Stopwatch.GetElapsedTime(started) < StartTimeout)
            {
                // The server does not listen yet.
            }

            await Task.Delay(10);
        }
    }

    private void OnOutput(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }

        if (line?.Contains(" fail: ", StringComparison.Ordinal) == true || line?.Contains("Unhandled", StringComparison.Ordinal) == true)
        {
            Console.Error.WriteLine(line);
        }
    }

    private static string FreeUrl()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/";
    }
}
