namespace Modeldrop.Probe;

/// <summary>The file that the child is reading, for the message if it ends: a damaged data file is not the model's fault.</summary>
internal static class ProbeStep
{
    private const string FileName = "reading.txt";

    private const int MaxBytes = 100;

    public static void Begin(string workFolder, string file) => File.WriteAllText(Path.Combine(workFolder, FileName), file);

    public static void End(string workFolder) => File.Delete(Path.Combine(workFolder, FileName));

    /// <returns>
    /// Null while the child works on the model. Its content is not trusted: only names of <see cref="CompanionFiles"/> are accepted.
    /// </returns>
    public static string? Find(string workFolder)
    {
        var file = new FileInfo(Path.Combine(workFolder, FileName));
        if (!file.Exists || file.Length > MaxBytes)
        {
            return null;
        }

        string text = File.ReadAllText(file.FullName);
        return CompanionFiles.Names.FirstOrDefault(name => name == text);
    }
}
