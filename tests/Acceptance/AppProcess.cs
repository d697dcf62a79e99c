using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Modeldrop.Tests.OpenApi;

namespace Modeldrop.Tests.Acceptance;

/// <summary>The app as its users run it: a separate process that is reached by HTTP and can be killed at any time.</summary>
internal sealed partial class AppProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(10);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private AppProcess(Process process) => _process = process;

    public HttpClient Http { get; } = new(new AnswerCheck());

    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    public bool HasExited => _process.HasExited;

    /// <summary>Starts the app on a free port; completes when the app listens.</summary>
    public static Task<AppProcess> StartAsync(string connectionString, params (string Name, string Value)[] settings) =>
        StartAsync(connectionString, [], settings);

    /// <param name="arguments">Command-line arguments.</param>
    public static async Task<AppProcess> StartAsync(string connectionString, string[] arguments, (string Name, string Value)[] settings)
    {
        AppProcess app = Launch(connectionString, arguments, settings);
        try
        {
            await app.ListensAsync();
            return app;
        }
        catch (InvalidOperationException)
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the app on a free port without waiting for it.</summary>
    public static AppProcess Launch(string connectionString, params (string Name, string Value)[] settings) =>
        Launch(connectionString, [], settings);

    private static AppProcess Launch(string connectionString, string[] arguments, (string Name, string Value)[] settings)
    {
        var start = new ProcessStartInfo("dotnet", [AssemblyPath(), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = AppContext.BaseDirectory,
        };
        start.Environment["AzureWebJobsStorage"] = connectionString;
        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        foreach ((string name, string value) in settings)
        {
            start.Environment[name] = value;
        }

        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        var app = new AppProcess(process);
        process.OutputDataReceived += (_, line) => app.OnOutput(line.Data);
        process.ErrorDataReceived += (_, line) => app.OnOutput(line.Data);
        process.Exited += (_, _) => app._address.TrySetException(
            new InvalidOperationException($"The app ended before it listened:\n{app.Output}"));
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return app;
    }

    /// <summary>Completes when the app listens.</summary>
    /// <exception cref="InvalidOperationException">The app ended before, or takes too long.</exception>
    public async Task ListensAsync()
    {
        try
        {
            Http.BaseAddress = await _address.Task.WaitAsync(StartTimeout);
        }
        catch (TimeoutException)
        {
            throw new InvalidOperationException($"The app did not listen within {StartTimeout}:\n{Output}");
        }
    }

    /// <summary>SIGKILL: no handler runs, nothing is flushed.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: false);
        await _process.WaitForExitAsync();
    }

    /// <summary>The app's peak resident memory so far, in bytes.</summary>
    public long PeakMemory
    {
        get
        {
            _process.Refresh();
            return _process.PeakWorkingSet64;
        }
    }

    /// <summary>Completes when the app's resident memory is at most this.</summary>
    public Task WaitForMemoryAsync(long maxBytes) => Poll.UntilAsync(
        () =>
        {
            _process.Refresh();
            return _process.WorkingSet64 <= maxBytes;
        },
        $"at most {maxBytes >> 20} MiB of resident memory");

    /// <summary>SIGTERM: the app ends by itself.</summary>
    public async Task StopAsync()
    {
        using (var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]))
        {
            await kill.WaitForExitAsync();
        }

        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void OnOutput(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_output)
        {
            _output.AppendLine(line);
        }

        if (PageLine().Match(line) is { Success: true } match)
        {
            _address.TrySetResult(new Uri(match.Groups[1].Value));
        }
    }

    /// <summary>The app's output folder, for the build configuration of the tests.</summary>
    private static string AssemblyPath()
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        string configuration = output.Parent!.Name;
        return Path.Combine(RepositoryFiles.Root, "standalone", "bin", configuration, output.Name, "Modeldrop.Standalone.dll");
    }

    [GeneratedRegex(@"^\s*page\s+(http\S+)")]
    private static partial Regex PageLine();
}
