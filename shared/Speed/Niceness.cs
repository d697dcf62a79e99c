using System.Globalization;
using System.Runtime.InteropServices;

namespace Modeldrop.Speed;

/// <summary>How much of a busy processor threads leave to others: the nice values of Linux; elsewhere nothing changes.</summary>
/// <remarks>A process without privileges cannot take a nice value back, so only threads that do nothing else are lowered.</remarks>
internal static partial class Niceness
{
    /// <summary>Of runs that last: beside a thread that wants the whole processor they get a tenth of it.</summary>
    public const int OfLongRuns = 10;

    /// <summary>Of child processes: beside such a thread they get a quarter.</summary>
    public const int OfChildren = 5;

    // In these calls a "process" is one thread.
    private const int Thread = 0;

    public static void LowerThread(int nice)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = SetPriority(Thread, 0, nice);
        }
    }

    /// <summary>Of all threads of this process; those that start later inherit it.</summary>
    public static void LowerProcess(int nice)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        foreach (string thread in Directory.EnumerateDirectories("/proc/self/task"))
        {
            _ = SetPriority(Thread, int.Parse(Path.GetFileName(thread), CultureInfo.InvariantCulture), nice);
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, int who, int nice);
}
