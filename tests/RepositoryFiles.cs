namespace Modeldrop.Tests;

/// <summary>Files of the repository that tests read.</summary>
internal static class RepositoryFiles
{
    /// <summary>The folder with <c>Serverless.sln</c>.</summary>
    public static string Root { get; } = FindRoot();

    /// <param name="path">Below <c>samples/</c>: <c>flights/1/model.onnx</c>.</param>
    public static string Sample(params ReadOnlySpan<string> path) => Path.Combine([Root, "samples", .. path]);

    private static string FindRoot()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Serverless.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests run outside of the repository.");
        }

        return folder;
    }
}
