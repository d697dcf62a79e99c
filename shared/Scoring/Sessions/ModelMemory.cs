namespace Modeldrop.Scoring.Sessions;

/// <summary>Measures the memory that a model needs to be loaded and run once.</summary>
internal sealed class ModelMemory
{
    private const string Reset = "5";

    private readonly long _before;

    private ModelMemory(long before) => _before = before;

    /// <summary>Starts the measurement, in a process that does nothing else.</summary>
    public static ModelMemory Begin()
    {
        // ONNX Runtime itself is loaded with the first session.
        RunMemory.Shrink();
        GC.Collect();
        try
        {
            File.WriteAllText("/proc/self/clear_refs", Reset);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Not on Linux, or not permitted: the peak so far counts as the model's.
        }

        return new ModelMemory(Environment.WorkingSet);
    }

    /// <summary>The largest growth of the process's memory since the start.</summary>
    public long Peak()
    {
        using var self = System.Diagnostics.Process.GetCurrentProcess();
        return Math.Max(0, self.PeakWorkingSet64 - _before);
    }

    public static string TooMuch(long bytes, long maxBytes) =>
        $"The model needs {bytes >> 20:N0} MiB of memory to be loaded and to score one row; "
        + $"an instance has {maxBytes >> 20:N0} MiB for models.";
}
