using Modeldrop.Names;

namespace Modeldrop.Probe.Onnx;

/// <param name="MissingFile">The missing file, if it can still be dropped beside the model.</param>
internal sealed record ExternalProblem(string Sentence, string? MissingFile = null);

/// <summary>Checks that weights outside the model file are in its folder, as plain files of sufficient size.</summary>
internal static class ExternalData
{
    /// <summary>The files, by their names in the model's folder.</summary>
    public static IReadOnlyList<string> FilesOf(IEnumerable<ExternalTensor> tensors) =>
        [.. tensors.Select(tensor => Plain(tensor.Location)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <returns>The violations, one sentence for each affected tensor.</returns>
    public static IEnumerable<ExternalProblem> Check(string folder, IEnumerable<ExternalTensor> tensors)
    {
        foreach (IGrouping<string, ExternalTensor> file in tensors.GroupBy(tensor => tensor.Location, StringComparer.Ordinal))
        {
            if (PathViolation(folder, file.Key, out FileInfo? found) is { } violation)
            {
                bool mayCome = found is not null && FileNames.IsCompanion(Plain(file.Key));
                yield return new ExternalProblem($"External data of {Names(file)}: {violation}", mayCome ? Plain(file.Key) : null);
                continue;
            }

            foreach (ExternalTensor tensor in file)
            {
                if (tensor is { Length: { } length, ExpectedBytes: { } expected } && length != expected)
                {
                    yield return new ExternalProblem(
                        $"External data of {tensor.Name}: {length:N0} bytes are declared, but its shape takes {expected:N0}.");
                }

                long bytes = tensor.Length ?? tensor.ExpectedBytes ?? 0;
                if (tensor.Offset > found!.Length || bytes > found.Length - tensor.Offset)
                {
                    yield return new ExternalProblem(
                        $"External data of {tensor.Name}: '{tensor.Location}' has {found.Length:N0} bytes, "
                        + $"but {bytes:N0} bytes at {tensor.Offset:N0} are declared.");
                }
            }
        }
    }

    private static string? PathViolation(string folder, string location, out FileInfo? found)
    {
        found = null;
        string shown = location.Length <= 100 ? location : string.Concat(location.AsSpan(0, 100), "…");
        string[] parts = location.Split('/', '\\');
        if (location.Length is 0 or > 1_024 || location.Any(char.IsControl))
        {
            return $"'{shown}' is not a file name.";
        }

        // Both separators, and drive letters, whatever this machine's rules: models move between systems.
        if (location[0] is '/' or '\\' || location.Contains(':', StringComparison.Ordinal) || parts.Contains(".."))
        {
            return $"'{shown}' points outside of the model's folder.";
        }

        string path = folder;
        foreach (string part in Plain(location).Split('/'))
        {
            path = Path.Combine(path, part);
            FileSystemInfo entry = Directory.Exists(path) ? new DirectoryInfo(path) : new FileInfo(path);
            if (entry.Exists && entry.LinkTarget is not null)
            {
                return $"'{shown}' is, or goes through, a symbolic link.";
            }
        }

        found = new FileInfo(path);
        return found.Exists ? null : $"the file '{shown}' is missing; it must be dropped beside the model.";
    }

    private static string Plain(string location) => string.Join('/', location.Split('/').Where(part => part is not ("" or ".")));

    private static string Names(IEnumerable<ExternalTensor> tensors)
    {
        List<string> names = [.. tensors.Select(tensor => tensor.Name)];
        return names.Count <= 3 ? string.Join(", ", names) : $"{string.Join(", ", names.Take(3))} and {names.Count - 3} more";
    }
}
