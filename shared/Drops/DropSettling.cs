using System.Globalization;
using Modeldrop.Manifests;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Drops;

public enum DropState
{
    /// <summary>The drop is whole: stage it.</summary>
    Settled,

    /// <summary>Look again at <see cref="DropDecision.LookAgainAt"/>, or when a file of the folder arrives.</summary>
    Waiting,

    /// <summary>Files are missing for good: refuse the drop with the reasons.</summary>
    GaveUp,
}

/// <summary>Whether a drop may be taken.</summary>
/// <param name="LookAgainAt">By the store's clock; null unless it waits.</param>
/// <param name="Missing">Files that the graph or the manifest names and that are not there, by name.</param>
/// <param name="Reasons">What it waits for, or why it is refused, a sentence each; empty when it is settled.</param>
public sealed record DropDecision(
    DropState State, DateTimeOffset? LookAgainAt, IReadOnlyList<string> Missing, IReadOnlyList<string> Reasons);

/// <summary>
/// Decides whether all files of a drop have arrived. Folder uploads are alphabetical or parallel, so the model's arrival says nothing of
/// the others. Pure.
/// </summary>
/// <remarks>
/// A drop settles when no file of its folder has come for the quiet period. It need not wait for that when it came by HTTP, when the
/// manifest lists its companions, or when <c>_READY</c> came with or after the model (an older one belongs to an earlier drop). Files that
/// the graph or the manifest names are waited for in any case, up to the limit, which begins anew with every file that comes; an upload by
/// HTTP brings all its files at once and waits for none.
/// </remarks>
public static class DropSettling
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <param name="model">The model file's name in the folder.</param>
    /// <param name="external">External data that the graph names; empty while the graph has not been read.</param>
    /// <param name="isUpload">Whether the drop came by HTTP.</param>
    public static DropDecision Decide(
        DropFolder folder, string model, IReadOnlyCollection<string> external, bool isUpload, RegistryOptions options)
    {
        string[] missing = [.. (folder.Companions ?? []).Concat(external).Distinct(StringComparer.Ordinal)
            .Where(name => folder.Find(name) is null).Order(StringComparer.Ordinal)];
        DateTimeOffset last = folder.Files.Count == 0 ? folder.At : folder.Files.Max(file => file.ModifiedAt);
        if (missing.Length > 0)
        {
            DateTimeOffset deadline = last + options.MissingFilesTimeout;
            DateTimeOffset next = folder.At + Pause(folder.At - last);
            return isUpload || folder.At >= deadline
                ? new DropDecision(DropState.GaveUp, null, missing, [.. missing.Select(name => Refuse(name, external, isUpload, options))])
                : Wait(next < deadline ? next : deadline, missing, $"Waits for {Names(missing)} until {deadline.UtcDateTime:u}.");
        }

        bool isReady = folder.Find(model) is { } dropped && folder.Find(FileNames.Ready)?.ModifiedAt >= dropped.ModifiedAt;
        DateTimeOffset quiet = last + options.SettleTime;
        string seconds = options.SettleTime.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
        return isUpload || isReady || folder.Companions is not null || folder.At >= quiet
            ? new DropDecision(DropState.Settled, null, [], [])
            : Wait(quiet, [], $"Waits until no file of its folder has come for {seconds} s.");
    }

    private static DropDecision Wait(DateTimeOffset until, IReadOnlyList<string> missing, string reason) =>
        new(DropState.Waiting, until, missing, [reason]);

    // A file that has not come for long is looked for less often.
    private static TimeSpan Pause(TimeSpan waited) =>
        TimeSpan.FromTicks(Math.Clamp(waited.Ticks / 4, ShortestPause.Ticks, LongestPause.Ticks));

    private static string Refuse(string name, IReadOnlyCollection<string> external, bool isUpload, RegistryOptions options)
    {
        string by = external.Contains(name) ? "the graph names it as external data" : $"{ManifestReader.FileName} lists it";
        return isUpload
            ? $"'{name}' is missing: {by}. Send it in the form, with the model."
            : $"'{name}' is missing: {by}, and it has not come within {options.MissingFilesTimeout:c}. "
                + "Upload it, then drop the model again.";
    }

    private static string Names(string[] missing)
    {
        const int MaxNames = 20;
        string names = string.Join(", ", missing.Take(MaxNames).Select(name => $"'{name}'"));
        return missing.Length <= MaxNames ? names : $"{names} and {missing.Length - MaxNames} more";
    }
}
