using System.Globalization;

namespace Modeldrop.ScoringBench;

/// <summary>A Linux control group (version 1 or 2) with a memory limit, which simulates an instance of that size.</summary>
internal sealed class MemoryGroup : IAsyncDisposable
{
    private const string Old = "/sys/fs/cgroup/memory";
    private const string New = "/sys/fs/cgroup";

    private readonly string _folder;
    private readonly bool _isOld;

    private MemoryGroup(string folder, bool isOld) => (_folder, _isOld) = (folder, isOld);

    /// <summary>A shell script that joins the group, then executes its arguments.</summary>
    public string Entry => $"echo $$ > {_folder}/cgroup.procs; exec \"$@\"";

    /// <summary>The group's peak memory, page cache included.</summary>
    public long PeakBytes => Read(_isOld ? "memory.max_usage_in_bytes" : "memory.peak");

    /// <summary>Null: this machine does not allow it. The limit needs root.</summary>
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

    /// <summary>Call it after signalling its processes to end.</summary>
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
