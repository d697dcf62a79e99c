using Modeldrop.Probe.Child;
using Modeldrop.Tabular;

namespace Modeldrop.Probe;

/// <summary>A data file that can be read.</summary>
/// <param name="File">Its name in the model's folder.</param>
/// <param name="Columns">In the file's order.</param>
/// <param name="Profile">Of as many of the columns as take <see cref="CompanionReader.MaxProfileBytes"/>; null: not asked for.</param>
public sealed record DataFile(string File, int Rows, IReadOnlyList<string> Columns, IReadOnlyList<ColumnProfile>? Profile = null);

/// <summary>What the files beside a model are.</summary>
/// <param name="Violations">Everything that is wrong with them, each with the name of its file.</param>
public sealed record CompanionFindings(IReadOnlyList<DataFile> DataFiles, IReadOnlyList<string> Violations)
{
    public DataFile? Find(string name) => DataFiles.FirstOrDefault(file => Path.GetFileNameWithoutExtension(file.File) == name);
}
