using Modeldrop.Probe.Child;
using Modeldrop.Tabular;

namespace Modeldrop.Probe;

/// <summary>A readable data file.</summary>
/// <param name="File">Its name in the model's folder.</param>
/// <param name="Columns">In the file's order.</param>
/// <param name="Profile">Of the columns that fit into <see cref="CompanionReader.MaxProfileBytes"/>; null: not requested.</param>
public sealed record DataFile(string File, int Rows, IReadOnlyList<string> Columns, IReadOnlyList<ColumnProfile>? Profile = null);

/// <summary>The findings about the files beside a model.</summary>
/// <param name="Violations">All violations, each with the name of its file.</param>
public sealed record CompanionFindings(IReadOnlyList<DataFile> DataFiles, IReadOnlyList<string> Violations)
{
    public DataFile? Find(string name) => DataFiles.FirstOrDefault(file => Path.GetFileNameWithoutExtension(file.File) == name);
}
