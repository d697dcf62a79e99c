using System.Runtime.InteropServices;

namespace Modeldrop.Speed;

/// <summary>Priorities of threads, which .NET does not set on Linux.</summary>
internal static partial class Scheduling
{
    /// <summary>A tenth of the processor time of the process's other threads, when all want all of it.</summary>
    private const int Less = 10;

    /// <summary>
    /// Gives the current thread a lower priority, permanently: only privileged processes may raise one. Does nothing on other systems, and
    /// when the process itself has the lowest priority.
    /// </summary>
    public static void LowerPriority()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            // On Linux this changes the calling thread alone. A failure only means that the thread keeps its priority.
            _ = Nice(Less);
        }
        catch (Exception exception) when (exception is EntryPointNotFoundException or DllNotFoundException)
        {
            // A C library without this function.
        }
    }

    [LibraryImport("libc", EntryPoint = "nice")]
    private static partial int Nice(int less);
}
