using System.Runtime.InteropServices;

namespace Modeldrop.Probe.Child;

/// <summary>
/// The limits that the child sets for itself before it opens the model. The parent also checks from outside, at intervals; these limits
/// hold in between.
/// </summary>
internal static partial class ChildLimits
{
    private const int FileSize = 1;

    private const int DataSegment = 2;

    private const int CoreFile = 4;

    private const long FoldingBytes = 1L << 30;

    /// <summary>
    /// On Linux: kernel limits on memory and file sizes, no core files, and first to be killed when the machine runs out of memory.
    /// </summary>
    public static void Apply(long maxMemoryBytes, long maxOutputBytes)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        // RLIMIT_DATA counts private writable memory, which is what allocations use; RLIMIT_AS would also count the runtime's large empty
        // reservations. A failure here is not fatal: the parent still watches. If ONNX Runtime cannot compute a constant for lack of
        // memory, it continues without it, and the application would compute it: so the kernel's limit is higher than the one that the
        // parent and the measurement apply to the model.
        _ = SetLimit(DataSegment, (ulong)(maxMemoryBytes + FoldingBytes));
        _ = SetLimit(FileSize, (ulong)maxOutputBytes);
        _ = SetLimit(CoreFile, 0);
        try
        {
            File.WriteAllText("/proc/self/oom_score_adj", "1000");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A container may forbid it.
        }
    }

    private static int SetLimit(int resource, ulong value)
    {
        var limit = new ResourceLimit(value, value);
        return SetResourceLimit(resource, in limit);
    }

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    private static partial int SetResourceLimit(int resource, in ResourceLimit limit);

    private readonly record struct ResourceLimit(ulong Soft, ulong Hard);
}
