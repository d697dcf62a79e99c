namespace Modeldrop.Probe;

/// <summary>A folder for a child or its input, deleted with all its content. If the process is killed, the next start deletes it.</summary>
internal sealed class WorkFolder : IDisposable
{
    private const string LockName = "parent.lock";

    private static readonly TimeSpan StaleAfter = TimeSpan.FromMinutes(1);

    private readonly FileStream _lock;

    private WorkFolder(string path)
    {
        Path = path;
        // Held as long as this process lives, however it ends: a process that gets the lock may delete the folder.
        _lock = new FileStream(System.IO.Path.Combine(path, LockName), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
    }

    public string Path { get; }

    public static WorkFolder Create(string root)
    {
        string path = System.IO.Path.Combine(root, Guid.NewGuid().ToString("N"));
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            // All users share the system's temporary folder; the data must stay private.
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return new WorkFolder(path);
    }

    /// <summary>Creates a subfolder for files that a child reads.</summary>
    public string Make(string name) => Directory.CreateDirectory(System.IO.Path.Combine(Path, name)).FullName;

    /// <summary>Deletes the folders below <paramref name="root"/> whose process has ended.</summary>
    public static void DeleteStale(string root, TimeProvider clock)
    {
        if (!Directory.Exists(root))
        {
            return;
        }

        foreach (DirectoryInfo folder in new DirectoryInfo(root).EnumerateDirectories())
        {
            // A new folder may be about to get its lock.
            if (clock.GetUtcNow() - folder.LastWriteTimeUtc > StaleAfter && !IsLocked(folder))
            {
                Delete(folder.FullName);
            }
        }
    }

    public void Dispose()
    {
        _lock.Dispose();
        Delete(Path);
    }

    private static bool IsLocked(DirectoryInfo folder)
    {
        string path = System.IO.Path.Combine(folder.FullName, LockName);
        try
        {
            using var probe = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static void Delete(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Another process is deleting it, or the next start will.
        }
    }
}
