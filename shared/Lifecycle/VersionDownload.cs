using Modeldrop.Registry;

namespace Modeldrop.Lifecycle;

/// <summary>Brings the files of a version to a local folder, for a child process to look at.</summary>
public sealed class VersionDownload(VersionStore versions)
{
    public async Task<ModelVersion> ToFolderAsync(ModelName model, int version, string folder, CancellationToken cancellationToken)
    {
        ModelVersion record = await versions.GetAsync(model, version, cancellationToken);
        foreach (VersionFile file in record.Files)
        {
            await using Stream source = await versions.OpenAsync(model, version, file.Path, cancellationToken);
            await using FileStream local = File.Create(Path.Combine(folder, file.Path));
            await source.CopyToAsync(local, cancellationToken);
        }

        return record;
    }
}
