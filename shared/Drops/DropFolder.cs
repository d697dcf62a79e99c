using Modeldrop.Names;

namespace Modeldrop.Drops;

/// <summary>A file of a drop's folder.</summary>
/// <param name="Name">Below the folder.</param>
/// <param name="ModifiedAt">By the store's clock, which counts whole seconds.</param>
/// <param name="ETag">Without quotes.</param>
public sealed record DropFile(string Name, DateTimeOffset ModifiedAt, string ETag, long Bytes = 0);

/// <summary>The folder of a drop at an instant.</summary>
/// <param name="Files">The model, its companions and <see cref="FileNames.Ready"/>; no documents of ours and no other models.</param>
/// <param name="Companions">What <c>model.json</c> lists; null without a list, or where it cannot be read.</param>
/// <param name="At">By the store's clock.</param>
public sealed record DropFolder(IReadOnlyList<DropFile> Files, IReadOnlyList<string>? Companions, DateTimeOffset At)
{
    public DropFile? Find(string name) => Files.FirstOrDefault(file => file.Name == name);
}
