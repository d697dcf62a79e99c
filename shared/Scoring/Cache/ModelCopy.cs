using Modeldrop.Registry;

namespace Modeldrop.Scoring.Cache;

/// <summary>The files of a version for one load, in a folder that only this user can read.</summary>
internal sealed class ModelCopy(string folder) : IDisposable
{
    public string Folder => folder;

    /// <summary>The model file, with external data beside it.</summary>
    public string ModelPath => Path.Combine(folder, ModelVersion.ModelFile);

    public void Create()
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(folder)!);
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public void Dispose()
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Already deleted, or (on Windows) still mapped: a later load deletes it.
        }
    }
}
