using System.Runtime.InteropServices;

namespace Modeldrop.Speed;

/// <summary>Priorities of threads, which .NET does not set on Linux.</summary>
internal static partial class Scheduling
{
    private const int OfProcess = 0;

    private const int CurrentThread = 0;

    /// <summary>A tenth of the processor time of a usual thread, when both want all of it.</summary>
    private const int LowNice = 10;

    /// <summary>
    /// Gives the current thread a low priority, permanently: only privileged processes may raise one. Does nothing on other systems.
    /// </summary>
    public static void LowerPriority()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            // For Linux a thread is a process here. A failure only means that the thread keeps its priority.
            _ = SetPriority(OfProcess, CurrentThread, LowNice);
        }
        catch (Exception exception) when (exception is EntryPointNotFoundException or DllNotFoundException)
        {
            // A C library without this function.
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, int id, int nice);
}
