using System.Collections.Concurrent;
using System.Diagnostics;

namespace Modeldrop.Probe.Child;

/// <summary>
/// Standard input, on which the parent names further work folders. It closes when the parent ends, however it died: then this process ends
/// too, whatever it is doing.
/// </summary>
internal sealed class ParentLine : IDisposable
{
    private readonly BlockingCollection<string> _folders = [];

    public ParentLine() => new Thread(Listen) { IsBackground = true }.Start();

    /// <summary>Waits for the next work folder.</summary>
    public string Next() => _folders.Take();

    public void Dispose() => _folders.Dispose();

    private void Listen()
    {
        using var input = new StreamReader(Console.OpenStandardInput());
        while (input.ReadLine() is { } folder)
        {
            _folders.Add(folder);
        }

        // Not Exit: native threads that run a model would delay it.
        Process.GetCurrentProcess().Kill();
    }
}
