using Modeldrop.Tracking.Artifacts;
using Modeldrop.Tracking.Models;
using Modeldrop.Tracking.Runs;

namespace Modeldrop.Functions.Tracking;

/// <summary>Lists artifacts by path from a root.</summary>
internal static class FileAnswers
{
    public static async Task<IReadOnlyList<FileInfoAnswer>> ListAsync(
        ArtifactService artifacts, ArtifactPath root, string? path, TrackingUser user, CancellationToken cancellationToken)
    {
        IReadOnlyList<ArtifactFile> files = await artifacts.ListAsync(root.At(path), user, cancellationToken);
        return [.. files.Select(file => new FileInfoAnswer(
            string.IsNullOrEmpty(path) ? file.Name : $"{path}/{file.Name}", file.IsFolder, file.Bytes))];
    }
}
