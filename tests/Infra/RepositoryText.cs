namespace Modeldrop.Tests.Infra;

/// <summary>Text files of the repository, by their path from its root.</summary>
internal static class RepositoryText
{
    public static string PathOf(string path) => Path.Combine(RepositoryFiles.Root, path);

    public static string Read(string path) => File.ReadAllText(PathOf(path));
}
