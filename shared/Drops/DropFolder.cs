using Modeldrop.Names;

namespace Modeldrop.Drops;

/// <summary>A file of a drop's folder.</summary>
/// <param name="Name">Path below the folder.</param>
/// <param name="ModifiedAt">Time of the last change by the store's clock, which counts whole seconds.</param>
/// <param name="ETag">ETag without quotes.</param>
public sealed record DropFile(string Name, DateTimeOffset ModifiedAt, string ETag, long Bytes = 0);

/// <summary>The folder of a drop at an instant.</summary>
/// <param name="Files">The model, its companions and <see cref="FileNames.Ready"/>, without documents of the service and other
/// models.</param>
/// <param name="Companions">The names that <c>model.json</c> lists; null without a list, or if it cannot be read.</param>
/// <param name="At">The instant by the store's clock.</param>
public sealed record DropFolder(IReadOnlyList<DropFile> Files, IReadOnlyList<string>? Companions, DateTimeOffset At)
{
    public DropFile? Find(string name) => Files.FirstOrDefault(file => file.Name == name);
}
