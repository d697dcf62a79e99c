using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Modeldrop.Standalone.Emulator;

/// <summary>The process of Azurite, in a wrapper that ties it to this process.</summary>
internal sealed partial class EmulatorProcess
{
    // A guard against a hang, not a time limit: a busy machine may take many seconds.
    private static readonly TimeSpan PatienceWithStart = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly List<string> _endpoints = [];
    private readonly Queue<string> _lastLines = new();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _stopping;

    private EmulatorProcess(Process process) => _process = process;

    /// <summary>Addresses of the blob, queue and table service.</summary>
    public IReadOnlyList<string> Endpoints => _endpoints;

    /// <param name="ports">Ports for blob, queue and table; 0 for any free one.</param>
    public static async Task<EmulatorProcess> StartAsync(
        string installation,
        string aliveFile,
        int[] ports,
        string[] arguments,
        Action<string> progress,
        CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("node")
        {
            WorkingDirectory = installation,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                Path.Combine(installation, EmulatorInstall.Wrapper),
                Path.Combine(installation, EmulatorInstall.Script),
                aliveFile,
                "--silent",
                "--skipApiVersionCheck",
                "--disableTelemetry",
                "--blobPort", $"{ports[0]}",
                "--queuePort", $"{ports[1]}",
                "--tablePort", $"{ports[2]}",
            },
        };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        var emulator = new EmulatorProcess(EmulatorInstall.Start(start));
        emulator.Watch(progress);
        try
        {
            await emulator._started.Task.WaitAsync(PatienceWithStart, TimeProvider.System, cancellationToken);
        }
        catch (Exception exception)
        {
            await emulator.StopAsync(TimeSpan.Zero);
            throw exception is TimeoutException
                ? new EmulatorException("The storage emulator did not answer in two minutes.", exception)
                : exception;
        }

        return emulator;
    }

    public async Task StopAsync(TimeSpan patience)
    {
        _stopping = true;
        try
        {
            _process.StandardInput.Close();
            await _process.WaitForExitAsync().WaitAsync(patience, TimeProvider.System);
        }
        catch (Exception exception) when (exception is TimeoutException or IOException)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void Watch(Action<string> progress)
    {
        _process.OutputDataReceived += (_, line) => OnLine(line.Data);
        _process.ErrorDataReceived += (_, line) => OnLine(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        _ = WatchExitAsync(progress);
    }

    private void OnLine(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_lastLines)
        {
            _lastLines.Enqueue(line);
            if (_lastLines.Count > 10)
            {
                _lastLines.Dequeue();
            }

            // The services start one after the other, so the lines come in this order: blob, queue, table.
            if (Listening().Match(line) is { Success: true } match)
            {
                _endpoints.Add(match.Groups["address"].Value);
                if (_endpoints.Count == 3)
                {
                    _started.TrySetResult();
                }
            }
        }
    }

    private async Task WatchExitAsync(Action<string> progress)
    {
        await _process.WaitForExitAsync();
        if (_stopping)
        {
            return;
        }

        string lines;
        lock (_lastLines)
        {
            lines = string.Join(Environment.NewLine, _lastLines);
        }

        if (!_started.TrySetException(new EmulatorException($"The storage emulator did not start. It wrote:{Environment.NewLine}{lines}")))
        {
            progress($"The storage emulator ended unexpectedly. It wrote last:{Environment.NewLine}{lines}");
        }
    }

    [GeneratedRegex(@"service is successfully listening at (?<address>http://\S+)")]
    private static partial Regex Listening();
}
