using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Modeldrop.Probe;

/// <summary>Runs one child within its limits. A failure inside the child is returned as a reason in words, never as an exception.</summary>
internal sealed partial class ProbeProcess(ProbeOptions options, TimeProvider clock, ILogger logger)
{
    /// <summary>First argument that makes the application the child instead of a host.</summary>
    internal const string Argument = "probe";

    private const int MaxErrorChars = 4_096;

    private static readonly TimeSpan WatchInterval = TimeSpan.FromMilliseconds(25);

    /// <summary>The files of a work folder and of its scoring folders.</summary>
    private static readonly EnumerationOptions Answers = new() { RecurseSubdirectories = true, MaxRecursionDepth = 1 };

    private static readonly TimeSpan PipesCloseWithin = TimeSpan.FromSeconds(5);

    /// <returns>Null when the child exited with code 0; otherwise the reason why the model or its data are rejected.</returns>
    /// <exception cref="InvalidOperationException">The child cannot be started: the installation is broken.</exception>
    public async Task<string?> RunAsync(string workFolder, string command, CancellationToken cancellationToken)
    {
        using Process process = Start(workFolder);
        try
        {
            Task<string> errors = ReadErrorsAsync(process.StandardError);
            Task drained = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, cancellationToken);
            string? breach = await WatchAsync(process, workFolder, command, cancellationToken);
            // A descendant that has left the process tree could hold the pipes open for ever.
            await Task.WhenAny(Task.WhenAll(errors, drained), Task.Delay(PipesCloseWithin, clock, cancellationToken));
            string error = errors.IsCompletedSuccessfully ? await errors : "";
            if (breach is null && process.ExitCode != 0)
            {
                breach = Describe(process.ExitCode, error, ProbeStep.Find(workFolder));
            }

            if (breach is not null)
            {
                Log.ChildRefused(logger, process.Id, breach, error);
            }

            return breach;
        }
        finally
        {
            Kill(process);
        }
    }

    /// <summary>The muxer of the running runtime: on Azure the process itself may not be <c>dotnet</c>.</summary>
    internal static string FindDotnet()
    {
        string name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        string beside = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", name));
        return File.Exists(beside) ? beside : name;
    }

    private Process Start(string workFolder)
    {
        string assembly = NonEmpty(options.AssemblyPath) ?? System.Reflection.Assembly.GetEntryAssembly()?.Location
            ?? throw new InvalidOperationException("There is no assembly to start as the probe; Probe:AssemblyPath must name it.");
        var start = new ProcessStartInfo(NonEmpty(options.DotnetPath) ?? FindDotnet(), [assembly, Argument, workFolder])
        {
            WorkingDirectory = workFolder,
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        ChildEnvironment.Set(start.Environment, workFolder, options.MaxMemoryBytes);
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception exception)
        {
            throw new InvalidOperationException($"The probe cannot be started: {exception.Message}", exception);
        }
    }

    private static string? NonEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    /// <returns>The exceeded limit; null when the child ended within its limits.</returns>
    private async Task<string?> WatchAsync(Process process, string workFolder, string command, CancellationToken cancellationToken)
    {
        long start = clock.GetTimestamp();
        Task exited = process.WaitForExitAsync(CancellationToken.None);
        while (true)
        {
            // Not WaitAsync with a time-out, which would throw forty times a second.
            await Task.WhenAny(exited, Task.Delay(WatchInterval, clock, cancellationToken));
            if (exited.IsCompleted)
            {
                return null;
            }

            cancellationToken.ThrowIfCancellationRequested();
            if (Breach(process, workFolder, command, clock.GetElapsedTime(start)) is { } breach)
            {
                Kill(process);
                await exited;
                return breach;
            }
        }
    }

    private string? Breach(Process process, string workFolder, string command, TimeSpan elapsed)
    {
        if (elapsed > options.Timeout)
        {
            return $"{Subject(ProbeStep.Find(workFolder))} did not finish within {options.Timeout.TotalSeconds:0.#} s, which is "
                + $"the limit.";
        }

        process.Refresh();

        // The model alone, without data, is limited by processor time, so that a busy machine does not cause a rejection.
        if (command == ProbeRequest.Inspect && ComputedTime(process) > options.InspectionTimeout && ProbeStep.Find(workFolder) is null)
        {
            return $"The model computed for more than {options.InspectionTimeout.TotalSeconds:0.#} s before any data, "
                + "which is the limit for a first look.";
        }

        long memory = ResidentBytes(process);
        if (memory > options.MaxMemoryBytes)
        {
            return $"{Subject(ProbeStep.Find(workFolder))} took {memory / (1024 * 1024):N0} MiB of memory; the limit is "
                + $"{options.MaxMemoryBytes / (1024 * 1024):N0} MiB.";
        }

        return new DirectoryInfo(workFolder).EnumerateFiles("*", Answers)
            .FirstOrDefault(file => file.Exists && file.Length > options.MaxOutputBytes) is not null
            ? $"The answer of the model took more than {options.MaxOutputBytes:N0} bytes, which is the limit."
            : null;
    }

    private static TimeSpan ComputedTime(Process process)
    {
        try
        {
            return process.TotalProcessorTime;
        }
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception)
        {
            // The process has just ended.
            return TimeSpan.Zero;
        }
    }

    private static long ResidentBytes(Process process)
    {
        try
        {
            return process.WorkingSet64;
        }
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception)
        {
            // The process has just ended.
            return 0;
        }
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception)
        {
            // The process has ended, or is about to.
        }
    }

    private static async Task<string> ReadErrorsAsync(StreamReader reader)
    {
        // The first lines name the cause. The rest is read so that the child never blocks on a full pipe.
        var buffer = new char[MaxErrorChars];
        int kept = await reader.ReadBlockAsync(buffer);
        await reader.BaseStream.CopyToAsync(Stream.Null);
        return new string(buffer, 0, kept);
    }

    private static string Subject(string? reading) => reading is null ? "The model" : $"Reading '{reading}'";

    /// <param name="reading">The data file that the child was reading; null: the model.</param>
    private static string Describe(int exitCode, string error, string? reading)
    {
        if (error.Contains("Out of memory", StringComparison.OrdinalIgnoreCase) || error.Contains("bad_alloc", StringComparison.Ordinal))
        {
            return $"{Subject(reading)} needs more memory than the limit allows.";
        }

        // The runtime and shells report an end by signal n as 128 + n.
        string cause = exitCode switch
        {
            132 => "an illegal instruction (SIGILL)",
            134 => "an abort (SIGABRT)",
            135 => "a bus error (SIGBUS)",
            136 => "an arithmetic error (SIGFPE)",
            137 => "a kill from outside, usually as the machine ran out of memory (SIGKILL)",
            139 => "a segmentation fault (SIGSEGV)",
            153 => "a file beyond the size limit (SIGXFSZ)",
            _ => $"exit code {exitCode}",
        };
        return $"The process that {(reading is null ? "loaded the model" : $"read '{reading}'")} crashed: {cause}.";
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 600, Level = LogLevel.Warning, Message = "Probe {ProcessId} refused a model: {Reason} {StandardError}")]
        public static partial void ChildRefused(ILogger logger, int processId, string reason, string standardError);
    }
}
