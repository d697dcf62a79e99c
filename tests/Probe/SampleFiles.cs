namespace Modeldrop.Tests.Probe;

/// <summary>The repository's sample models and data, and temporary folders.</summary>
internal static class SampleFiles
{
    private static readonly Lazy<string> Root = new(() =>
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string samples = Path.Combine(folder.FullName, "samples");
            if (File.Exists(Path.Combine(samples, "figures.json")))
            {
                return samples;
            }
        }

        throw new DirectoryNotFoundException("The samples are not above the tests.");
    });

    public static string PathOf(string name) => Path.Combine(Root.Value, name);

    /// <summary>The folder of a sample model, for example <c>flights/1</c>.</summary>
    public static string Model(string name) => PathOf(name);
}

/// <summary>A folder that is deleted with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("modeldrop-test-").FullName;

    public string Write(string name, byte[] content)
    {
        string path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return path;
    }

    public string Write(string name, string content) => Write(name, System.Text.Encoding.UTF8.GetBytes(content));

    public string Copy(string source, string? name = null)
    {
        string path = System.IO.Path.Combine(Path, name ?? System.IO.Path.GetFileName(source));
        File.Copy(source, path);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
