using System.Diagnostics;
using System.Globalization;

namespace Modeldrop.ScoringBench;

/// <summary>Shares the machine's processors between a measured app and everything else. Needs Linux.</summary>
internal static class Processors
{
    /// <summary>A command before the app's: it runs on all processors except the first.</summary>
    public static readonly string[] ForApp =
        ["taskset", "-c", string.Create(CultureInfo.InvariantCulture, $"1-{Math.Max(1, Environment.ProcessorCount - 1)}")];

    /// <summary>A command before a program that measures times: it runs before the generators of the load.</summary>
    public static readonly string[] First = Environment.IsPrivilegedProcess ? ["chrt", "--fifo", "1"] : [];

    /// <summary>Keeps this process and the processes that it starts, such as the emulator, on the first processor.</summary>
    public static void LeaveToApp()
    {
        using Process set = Process.Start("taskset", ["-a", "-c", "-p", "0", $"{Environment.ProcessId}"]);
        set.WaitForExit();
    }
}
