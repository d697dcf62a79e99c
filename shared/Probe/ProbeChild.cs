using System.ComponentModel;
using System.Diagnostics;
using Modeldrop.Speed;

namespace Modeldrop.Probe;

/// <summary>A started child. Disposing it ends the process with its descendants, and deletes the folder in which it started.</summary>
internal sealed class ProbeChild : IDisposable, IAsyncDisposable
{
    private const int MaxErrorChars = 4_096;

    private readonly Process _process;
    private readonly WorkFolder _home;
    private readonly Task<string> _errors;
    private readonly Task _drained;

    public ProbeChild(Process process, WorkFolder home)
    {
        _process = process;
        _home = home;
        Id = process.Id;
        Exited = process.WaitForExitAsync(CancellationToken.None);
        _errors = ReadErrorsAsync(process.StandardError);
        _drained = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
    }

    public int Id { get; }

    /// <summary>Completes when the process ends by itself or by <see cref="KillAsync"/>; never after <see cref="Dispose"/>.</summary>
    public Task Exited { get; }

    /// <summary>Known once it has exited.</summary>
    public int ExitCode => _process.ExitCode;

    public TimeSpan ComputedTime => Ask(process => process.TotalProcessorTime);

    /// <summary>May block, as <see cref="ComputedTime"/> may.</summary>
    public long ResidentBytes => Ask(process => process.WorkingSet64);

    public Task<long> ResidentBytesAsync() => SlowThreads.RunAsync(() => ResidentBytes);

    /// <summary>Requests the next piece of work from a child that has answered and stays.</summary>
    public void Send(string workFolder)
    {
        try
        {
            _process.StandardInput.WriteLine(workFolder);
            _process.StandardInput.Flush();
        }
        catch (IOException)
        {
            // It has just ended; the caller that waits for its answer notices.
        }
    }

    /// <summary>The first characters of standard error, once the child has exited.</summary>
    /// <param name="patience">A descendant that has left the process tree could hold the pipes open for ever.</param>
    public async Task<string> ReadErrorAsync(TimeSpan patience, TimeProvider clock, CancellationToken cancellationToken)
    {
        await Task.WhenAny(Task.WhenAll(_errors, _drained), Task.Delay(patience, clock, cancellationToken));
        return _errors.IsCompletedSuccessfully ? await _errors : "";
    }

    public Task KillAsync() => SlowThreads.RunAsync(Kill);

    public void Dispose()
    {
        Kill();
        _process.Dispose();
        _home.Dispose();
    }

    /// <summary>As <see cref="Dispose"/>, which may block for a while: .NET looks at all processes for descendants.</summary>
    public async ValueTask DisposeAsync() => await SlowThreads.RunAsync(Dispose);

    private void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception)
        {
            // The process has ended, or is about to.
        }
    }

    private T Ask<T>(Func<Process, T> question)
        where T : struct
    {
        try
        {
            _process.Refresh();
            return question(_process);
        }
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception)
        {
            // The process has just ended.
            return default;
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
}
