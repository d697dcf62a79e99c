namespace Modeldrop.Tests.Infra;

/// <summary>Text files of the repository, by their path from its root.</summary>
internal static class RepositoryText
{
    public static string PathOf(string path) => Path.Combine(RepositoryFiles.Root, path);

    public static string Read(string path) => File.ReadAllText(PathOf(path));

    /// <summary>The C# files below a folder, by path, without generated files.</summary>
    public static IEnumerable<string> CodeOf(string folder) =>
        Directory.EnumerateFiles(PathOf(folder), "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(RepositoryFiles.Root, file).Replace('\\', '/'))
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal));
}
