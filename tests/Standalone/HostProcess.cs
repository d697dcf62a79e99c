using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Modeldrop.Standalone.Hosting;

namespace Modeldrop.Tests.Standalone;

/// <summary>
/// A host in a separate process that can be signalled and killed. It is the test program itself, which an environment variable turns into
/// an app without functions.
/// </summary>
internal sealed class HostProcess : IDisposable
{
    private const string Switch = "MODELDROP_TESTS_RUN_A_HOST";

    private readonly Process _process;
    private readonly TaskCompletionSource<string> _connection = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> _lines = [];

    private HostProcess(Process process) => _process = process;

    public int Id => _process.Id;

    /// <summary>The process's output on standard error.</summary>
    public Task<string> Errors { get; private set; } = Task.FromResult("");

    /// <summary>The emulator's connection string, once the host has started; fails if the process ends before.</summary>
    public Task<string> Connection => _connection.Task;

    public string Output
    {
        get
        {
            lock (_lines)
            {
                return string.Join('\n', _lines);
            }
        }
    }

    public static HostProcess Start(Dictionary<string, string> environment)
    {
        string program = Path.ChangeExtension(typeof(HostProcess).Assembly.Location, ".dll");
        var start = new ProcessStartInfo("dotnet", [program])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { [Switch] = "1", ["ASPNETCORE_URLS"] = "http://127.0.0.1:0", ["Host__ToolsPath"] = AzuriteFixture.ToolsPath },
        };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        var host = new HostProcess(Process.Start(start)!);
        host._process.OutputDataReceived += (_, line) => host.OnLine(line.Data);
        host._process.BeginOutputReadLine();
        host.Errors = host._process.StandardError.ReadToEndAsync();
        return host;
    }

    public void Kill() => _process.Kill();

    public async Task SignalAsync(string signal)
    {
        using Process kill = Process.Start("kill", [$"-{signal}", $"{Id}"]);
        await kill.WaitForExitAsync();
    }

    public async Task<int> WaitForExitAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    // No code of this assembly can run on another thread until the initializer returns, which it never does. Hence no functions.
    [ModuleInitializer]
    internal static void RunHost()
    {
        if (Environment.GetEnvironmentVariable(Switch) is null)
        {
            return;
        }

        StandaloneHost host = null!;
        try
        {
            host = StandaloneBuilder.Create(new HostStart { FunctionTypes = [] }).Build();
            host.Start();
        }
        catch (StartFailure failure)
        {
            Console.Error.WriteLine(failure.Message);
            Environment.Exit(1);
        }

        Console.WriteLine($"connection {host.Services.GetRequiredService<IConfiguration>()["AzureWebJobsStorage"]}");
        host.WaitForShutdown();
        ((IDisposable)host).Dispose();
        Environment.Exit(0);
    }

    private void OnLine(string? line)
    {
        if (line is null)
        {
            _connection.TrySetException(new InvalidOperationException($"The host ended: {Output}"));
            return;
        }

        lock (_lines)
        {
            _lines.Add(line);
        }

        if (line.StartsWith("connection ", StringComparison.Ordinal))
        {
            _connection.TrySetResult(line["connection ".Length..]);
        }
    }
}
