using System.Globalization;

namespace Modeldrop.ScoringBench;

/// <summary>A control group of Linux (version 1 or 2) with a limit of memory: what an instance of that size is.</summary>
internal sealed class MemoryGroup : IAsyncDisposable
{
    private const string Old = "/sys/fs/cgroup/memory";
    private const string New = "/sys/fs/cgroup";

    private readonly string _folder;
    private readonly bool _isOld;

    private MemoryGroup(string folder, bool isOld) => (_folder, _isOld) = (folder, isOld);

    /// <summary>For a shell: puts itself into the group, then becomes its arguments.</summary>
    public string Entry => $"echo $$ > {_folder}/cgroup.procs; exec \"$@\"";

    /// <summary>The most that the group has taken, page cache included.</summary>
    public long PeakBytes => Read(_isOld ? "memory.max_usage_in_bytes" : "memory.peak");

    /// <summary>Null: this machine lets nobody make one; the limit needs root.</summary>
    public static MemoryGroup? TryCreate(long bytes)
    {
        bool isOld = Directory.Exists(Old);
        string folder = Path.Combine(isOld ? Old : New, $"modeldrop-bench-{Environment.ProcessId}");
        try
        {
            Directory.CreateDirectory(folder);
            string limit = Path.Combine(folder, isOld ? "memory.limit_in_bytes" : "memory.max");
            File.WriteAllText(limit, bytes.ToString(CultureInfo.InvariantCulture));
            return new MemoryGroup(folder, isOld);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>After its processes were told to end.</summary>
    public async ValueTask DisposeAsync()
    {
        for (int look = 0; look < 100 && File.ReadAllText(Path.Combine(_folder, "cgroup.procs")).Length > 0; look++)
        {
            await Task.Delay(100);
        }

        Directory.Delete(_folder);
    }

    private long Read(string file) => long.Parse(File.ReadAllText(Path.Combine(_folder, file)), CultureInfo.InvariantCulture);
}
