namespace Modeldrop.Signing;

/// <summary>Compares a signature's statement with the actual files.</summary>
internal static class SignedFiles
{
    private const int MaxNames = 20;

    /// <exception cref="FormatException">Files are missing, different or additional; the message names them.</exception>
    public static void Check(SignedStatement statement, SignatureToVerify signature)
    {
        Dictionary<string, string> signed = statement.Files.ToDictionary(
            file => NameOf(file, statement, signature), file => file.Sha256, StringComparer.Ordinal);
        HashSet<string> ignored = new(statement.Ignored, StringComparer.Ordinal);
        List<string> wrong = [];
        foreach (SignedFile file in signature.Files)
        {
            if (signed.Remove(file.Name, out string? sha256))
            {
                Add(wrong, sha256 != file.Sha256, $"'{file.Name}' differs from the signed file");
            }
            else
            {
                // A signer may leave files out, but never the model.
                Add(wrong, file.Name == signature.Model || !ignored.Contains(file.Name), $"'{file.Name}' is not signed");
            }
        }

        foreach (SignedFile file in signature.Absent)
        {
            if (signed.Remove(file.Name, out string? sha256))
            {
                Add(wrong, sha256 != file.Sha256, $"'{file.Name}', which was left out, differs from the signed file");
            }
        }

        wrong.AddRange(signed.Keys.Take(MaxNames).Select(name => $"'{(name.Length <= 100 ? name : name[..100] + "…")}' is missing"));
        if (wrong.Count > 0)
        {
            throw new FormatException(string.Join(", ", wrong.Take(MaxNames)));
        }
    }

    /// <summary>
    /// The model may have another name in the statement, or be signed alone, which the statement writes as <c>.</c>. Its sum shows whether
    /// the entry means the model.
    /// </summary>
    private static string NameOf(SignedFile file, SignedStatement statement, SignatureToVerify signature)
    {
        bool mayBeModel = file.Name == "." || file.Name.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase);
        bool isModel = mayBeModel
            && statement.Files.All(other => other.Name != signature.Model)
            && signature.Files.Any(one => one.Name == signature.Model && one.Sha256 == file.Sha256);
        return isModel && statement.Files.First(other => other.Sha256 == file.Sha256) == file ? signature.Model : file.Name;
    }

    private static void Add(List<string> wrong, bool isWrong, string words)
    {
        if (isWrong)
        {
            wrong.Add(words);
        }
    }
}
