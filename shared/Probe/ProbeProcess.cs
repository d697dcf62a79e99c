using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Modeldrop.Speed;

namespace Modeldrop.Probe;

/// <summary>Runs children within their limits. A failure inside a child is a reason in words, never an exception.</summary>
internal sealed partial class ProbeProcess(ProbeOptions options, TimeProvider clock, ILogger logger)
{
    /// <summary>First argument that makes the application the child instead of a host.</summary>
    internal const string Argument = "probe";

    private static readonly TimeSpan WatchInterval = TimeSpan.FromMilliseconds(25);

    /// <summary>The files of a work folder and of its scoring folders.</summary>
    private static readonly EnumerationOptions Answers = new() { RecurseSubdirectories = true, MaxRecursionDepth = 1 };

    private static readonly TimeSpan PipesCloseWithin = TimeSpan.FromSeconds(5);

    /// <summary>Starts a child for the request in <paramref name="workFolder"/>.</summary>
    /// <param name="home">Its working directory and the place of its temporary files; the child takes it over.</param>
    /// <exception cref="InvalidOperationException">The child cannot be started: the installation is broken.</exception>
    /// <remarks>
    /// .NET has one lock for the starts and ends of all processes, so starting, observing and ending one may block for seconds on a busy
    /// machine. The pool adds a thread only after a second for each that is blocked, so such calls are made on other threads.
    /// </remarks>
    public Task<ProbeChild> StartAsync(string workFolder, WorkFolder home) => SlowThreads.RunAsync(() => Start(workFolder, home));

    /// <summary>Waits for the answer in <paramref name="workFolder"/>.</summary>
    /// <param name="request">The request in that folder. If its child stays, the child may live on after this call.</param>
    /// <returns>Null when the child has answered; otherwise the reason why the model or its data are rejected.</returns>
    public async Task<string?> WaitAsync(ProbeChild child, string workFolder, ProbeRequest request, CancellationToken cancellationToken)
    {
        string? breach = await WatchAsync(child, workFolder, request, cancellationToken);
        string error = child.Exited.IsCompleted ? await child.ReadErrorAsync(PipesCloseWithin, clock, cancellationToken) : "";
        if (breach is null && child.Exited.IsCompleted && child.ExitCode != 0)
        {
            breach = Describe(child.ExitCode, error, ProbeStep.Find(workFolder));
        }

        if (breach is not null)
        {
            Log.ChildRefused(logger, child.Id, breach, error);
        }

        return breach;
    }

    /// <summary>The muxer of the running runtime: on Azure the process itself may not be <c>dotnet</c>.</summary>
    internal static string FindDotnet()
    {
        string name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        string beside = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", name));
        return File.Exists(beside) ? beside : name;
    }

    private ProbeChild Start(string workFolder, WorkFolder home)
    {
        string assembly = NonEmpty(options.AssemblyPath) ?? System.Reflection.Assembly.GetEntryAssembly()?.Location
            ?? throw new InvalidOperationException("There is no assembly to start as the probe; Probe:AssemblyPath must name it.");
        var start = new ProcessStartInfo(NonEmpty(options.DotnetPath) ?? FindDotnet(), [assembly, Argument, workFolder])
        {
            WorkingDirectory = home.Path,
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        ChildEnvironment.Set(start.Environment, home.Path, options.MaxMemoryBytes);
        try
        {
            return new ProbeChild(Process.Start(start)!, home);
        }
        catch (Win32Exception exception)
        {
            throw new InvalidOperationException($"The probe cannot be started: {exception.Message}", exception);
        }
    }

    private static string? NonEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    /// <returns>The exceeded limit; null when the child has answered or ended within its limits.</returns>
    private async Task<string?> WatchAsync(ProbeChild child, string workFolder, ProbeRequest request, CancellationToken cancellationToken)
    {
        long start = clock.GetTimestamp();
        while (true)
        {
            // Not WaitAsync with a time-out, which would throw forty times a second.
            await Task.WhenAny(child.Exited, Task.Delay(WatchInterval, clock, cancellationToken));
            if (child.Exited.IsCompleted || (request.Stays && File.Exists(Path.Combine(workFolder, ProbeResult.FileName))))
            {
                return null;
            }

            cancellationToken.ThrowIfCancellationRequested();
            TimeSpan elapsed = clock.GetElapsedTime(start);
            if (await SlowThreads.RunAsync(() => Breach(child, workFolder, request.Command, elapsed)) is { } breach)
            {
                await child.KillAsync();
                await child.Exited;
                return breach;
            }
        }
    }

    private string? Breach(ProbeChild child, string workFolder, string command, TimeSpan elapsed)
    {
        if (elapsed > options.Timeout)
        {
            return $"{Subject(ProbeStep.Find(workFolder))} did not finish within {options.Timeout.TotalSeconds:0.#} s, which is "
                + $"the limit.";
        }

        // The model alone, without data, is limited by processor time, so that a busy machine does not cause a rejection.
        if (command == ProbeRequest.Inspect && child.ComputedTime > options.InspectionTimeout && ProbeStep.Find(workFolder) is null)
        {
            return $"The model computed for more than {options.InspectionTimeout.TotalSeconds:0.#} s before any data, "
                + "which is the limit for a first look.";
        }

        long memory = child.ResidentBytes;
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
