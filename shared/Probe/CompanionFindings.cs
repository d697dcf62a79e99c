namespace Modeldrop.Probe;

/// <summary>A data file that can be read.</summary>
/// <param name="File">Its name in the model's folder.</param>
/// <param name="Columns">In the file's order.</param>
public sealed record DataFile(string File, int Rows, IReadOnlyList<string> Columns);

/// <summary>What the files beside a model are.</summary>
/// <param name="Violations">Everything that is wrong with them, each with the name of its file.</param>
public sealed record CompanionFindings(IReadOnlyList<DataFile> DataFiles, IReadOnlyList<string> Violations)
{
    public DataFile? Find(string name) => DataFiles.FirstOrDefault(file => Path.GetFileNameWithoutExtension(file.File) == name);
}
