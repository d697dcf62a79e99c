using System.Globalization;
using Modeldrop.Manifests;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Drops;

public enum DropState
{
    /// <summary>The drop is complete: stage it.</summary>
    Settled,

    /// <summary>Look again at <see cref="DropDecision.LookAgainAt"/>, or when a file of the folder arrives.</summary>
    Waiting,

    /// <summary>Files will not arrive any more: refuse the drop with the reasons.</summary>
    GaveUp,
}

/// <summary>Whether a drop may be taken.</summary>
/// <param name="LookAgainAt">By the store's clock; null unless it is waiting.</param>
/// <param name="Reasons">What it is waiting for, or why it is refused, one sentence each; empty when it is settled.</param>
public sealed record DropDecision(DropState State, DateTimeOffset? LookAgainAt, IReadOnlyList<string> Reasons);

/// <summary>
/// Decides whether all files of a drop have arrived. Folder uploads are alphabetical or parallel, so the arrival of the model proves
/// nothing about the other files. Pure.
/// </summary>
/// <remarks>
/// A drop settles when no file of its folder has arrived for the quiet period. It settles at once if it came by HTTP, if the manifest lists
/// its companions, or if <c>_READY</c> came with or after the model (an older one belongs to an earlier drop). Missing files that the graph
/// or the manifest names are awaited in any case, up to a limit that restarts with every file that arrives. An upload by HTTP brings all
/// its files at once and waits for none.
/// </remarks>
public static class DropSettling
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <param name="model">The model file's name in the folder.</param>
    /// <param name="external">External data that the graph refers to; empty while the graph has not been read.</param>
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
                ? new DropDecision(DropState.GaveUp, null, [.. missing.Select(name => Refuse(name, external, isUpload, options))])
                : Wait(next < deadline ? next : deadline, $"Waiting for {Names(missing)} until {deadline.UtcDateTime:u}.");
        }

        bool isReady = folder.Find(model) is { } dropped && folder.Find(FileNames.Ready)?.ModifiedAt >= dropped.ModifiedAt;
        DateTimeOffset quiet = last + options.SettleTime;
        string seconds = options.SettleTime.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
        return isUpload || isReady || folder.Companions is not null || folder.At >= quiet
            ? new DropDecision(DropState.Settled, null, [])
            : Wait(quiet, $"Waiting until no file has arrived in its folder for {seconds} s.");
    }

    private static DropDecision Wait(DateTimeOffset until, string reason) => new(DropState.Waiting, until, [reason]);

    // The longer a file is missing, the less often it is looked for.
    private static TimeSpan Pause(TimeSpan waited) =>
        TimeSpan.FromTicks(Math.Clamp(waited.Ticks / 4, ShortestPause.Ticks, LongestPause.Ticks));

    private static string Refuse(string name, IReadOnlyCollection<string> external, bool isUpload, RegistryOptions options)
    {
        string by = external.Contains(name) ? "the graph names it as external data" : $"{ManifestReader.FileName} lists it";
        return isUpload
            ? $"'{name}' is missing: {by}. Send it in the form, with the model."
            : $"'{name}' is missing: {by}, and it has not arrived within {options.MissingFilesTimeout:c}. "
                + "Upload it, then drop the model again.";
    }

    private static string Names(string[] missing)
    {
        const int MaxNames = 20;
        string names = string.Join(", ", missing.Take(MaxNames).Select(name => $"'{name}'"));
        return missing.Length <= MaxNames ? names : $"{names} and {missing.Length - MaxNames} more";
    }
}
