using System.Diagnostics;
using System.Text;

namespace Modeldrop.Tests.Worker;

/// <summary>The built function app, started as the Functions host starts it: a process that calls back.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private WorkerProcess(Process process) => _process = process;

    /// <summary>The app's output folder, for the build configuration of the tests.</summary>
    public static string Folder { get; } = FindFolder();

    /// <summary>The process's console output so far.</summary>
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

    /// <param name="host">The host's address.</param>
    public static WorkerProcess Start(Uri host, string connectionString, IEnumerable<(string Name, string Value)> settings)
    {
        string id = Guid.NewGuid().ToString();
        string largest = int.MaxValue.ToString(System.Globalization.CultureInfo.InvariantCulture);
        string[] arguments =
        [
            Path.Combine(Folder, "Modeldrop.Functions.dll"),
            "--host", host.Host, "--port", host.Port.ToString(System.Globalization.CultureInfo.InvariantCulture),
            "--workerId", id, "--requestId", id, "--grpcMaxMessageLength", largest,
            "--functions-uri", host.ToString(),
            "--functions-worker-id", id, "--functions-request-id", id, "--functions-grpc-max-message-length", largest,
        ];
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Folder,
        };
        start.Environment["AzureWebJobsStorage"] = connectionString;
        start.Environment["FUNCTIONS_WORKER_RUNTIME"] = "dotnet-isolated";
        start.Environment["FUNCTIONS_APPLICATION_DIRECTORY"] = Folder;
        start.Environment["FUNCTIONS_WORKER_DIRECTORY"] = Folder;
        foreach ((string name, string value) in settings)
        {
            start.Environment[name] = value;
        }

        var process = new Process { StartInfo = start };
        var worker = new WorkerProcess(process);
        process.OutputDataReceived += (_, line) => worker.OnOutput(line.Data);
        process.ErrorDataReceived += (_, line) => worker.OnOutput(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return worker;
    }

    public Task WaitForExitAsync(CancellationToken cancellationToken) => _process.WaitForExitAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void OnOutput(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }
    }

    private static string FindFolder()
    {
        var tests = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        return Path.Combine(RepositoryFiles.Root, "functions", "bin", tests.Parent!.Name, tests.Name);
    }
}
