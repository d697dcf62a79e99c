using System.Runtime.InteropServices;

namespace Modeldrop.Speed;

/// <summary>Priorities of threads, which .NET does not set on Linux.</summary>
internal static partial class Scheduling
{
    /// <summary>A tenth of the processor time of the process's other threads, when all want all of it.</summary>
    private const int Less = 10;

    // PRIO_PROCESS, which on Linux means a single thread.
    private const int OneThread = 0;

    /// <summary>The system's number of the current thread; null where priorities cannot be set.</summary>
    public static int? CurrentThread()
    {
        try
        {
            return OperatingSystem.IsLinux() ? ThreadId() : null;
        }
        catch (Exception exception) when (exception is EntryPointNotFoundException or DllNotFoundException)
        {
            // A C library without this function.
            return null;
        }
    }

    /// <summary>
    /// Gives a thread of this process a lower priority, permanently: only privileged processes may raise one. Does nothing when the process
    /// itself has the lowest priority.
    /// </summary>
    /// <param name="thread">As returned by <see cref="CurrentThread"/>.</param>
    public static void LowerPriority(int thread)
    {
        // A failure only means that the thread keeps its priority.
        _ = SetPriority(OneThread, thread, GetPriority(OneThread, thread) + Less);
    }

    [LibraryImport("libc", EntryPoint = "gettid")]
    private static partial int ThreadId();

    [LibraryImport("libc", EntryPoint = "getpriority")]
    private static partial int GetPriority(int which, int who);

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, int who, int priority);
}
