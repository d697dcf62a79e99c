namespace Modeldrop.ScoringBench;

/// <summary>Paths in the repository.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Sample(params string[] path) => Path.Combine([Root, "samples", .. path]);

    /// <summary>The Release build of a project.</summary>
    public static string Assembly(string project, string name)
    {
        string path = Path.Combine(Root, project, "bin", "Release", "net10.0", $"{name}.dll");
        return File.Exists(path) ? path : throw new FileNotFoundException("Build first, in Release: the scripts in bench/ do.", path);
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Serverless.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException("This program runs inside the repository.");
    }
}
