namespace Modeldrop.Lifecycle;

/// <summary>A folder of this machine for files that are looked at; gone when disposed of.</summary>
internal sealed class LocalFolder : IDisposable
{
    private LocalFolder(string path) => Path = path;

    public string Path { get; }

    public static LocalFolder Create() => new(Directory.CreateTempSubdirectory("modeldrop-").FullName);

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // The system's own clean-up of temporary files takes what a scanner still holds open.
        }
    }
}
