using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Modeldrop.Probe.Child;

/// <summary>
/// What the child does to itself before it touches the model. The parent watches from outside as well: these hold between its looks.
/// </summary>
internal static partial class ChildLimits
{
    private const int FileSize = 1;

    private const int DataSegment = 2;

    private const int CoreFile = 4;

    private const long FoldingBytes = 1L << 30;

    /// <summary>
    /// On Linux: memory and file sizes by the kernel, no core files, and first in line when the machine runs out of memory.
    /// </summary>
    public static void Apply(long maxMemoryBytes, long maxOutputBytes)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        // RLIMIT_DATA counts private writable memory, which is what an allocation takes; RLIMIT_AS would count the runtime's large empty
        // reservations too.
        // Failing here is no reason to stop: the parent's own watch remains.
        // ONNX Runtime goes on without a constant that it cannot compute for want of memory, and the application would compute it: the
        // kernel's limit
        // leaves room beyond the one that the parent and the measure hold the model to.
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

    /// <summary>Ends this process when the parent does: its end of our standard input closes, however it died.</summary>
    public static void EndWithParent()
    {
        var watch = new Thread(() =>
        {
            using Stream input = Console.OpenStandardInput();
            while (input.ReadByte() >= 0)
            {
                // Nothing is ever sent.
            }

            // Not Exit: native threads that run a model would delay it.
            Process.GetCurrentProcess().Kill();
        })
        {
            IsBackground = true,
        };
        watch.Start();
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
