namespace Modeldrop.Scoring.Sessions;

/// <summary>The memory that a model takes to be loaded and run once, and how it is measured.</summary>
internal sealed class ModelMemory
{
    private const string Reset = "5";

    private readonly long _before;

    private ModelMemory(long before) => _before = before;

    /// <summary>Begins to measure, in a process that does nothing else meanwhile.</summary>
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
            // Not on Linux, or not allowed: the peak so far counts as the model's.
        }

        return new ModelMemory(Environment.WorkingSet);
    }

    /// <summary>How far the process's memory has grown at most since the begin.</summary>
    public long Peak()
    {
        using var self = System.Diagnostics.Process.GetCurrentProcess();
        return Math.Max(0, self.PeakWorkingSet64 - _before);
    }

    public static string TooMuch(long bytes, long maxBytes) =>
        $"The model takes {bytes >> 20:N0} MiB of memory to be loaded and to score one row; "
        + $"an instance has {maxBytes >> 20:N0} MiB for it.";
}
