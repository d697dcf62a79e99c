namespace Modeldrop.Tests.AzureBuild;

/// <summary>The public API of the real packages, as <c>worker-api.txt</c> lists it: members by the type's short name.</summary>
internal static class WorkerApi
{
    private const char MemberIndent = ' ';

    /// <summary>Members by short type name; types of one name are put together.</summary>
    public static IReadOnlyDictionary<string, IReadOnlySet<string>> Read()
    {
        var types = new Dictionary<string, IReadOnlySet<string>>(StringComparer.Ordinal);
        HashSet<string>? members = null;
        foreach (string line in File.ReadLines(Path.Combine(RepositoryFiles.Root, "tests", "AzureBuild", "worker-api.txt")))
        {
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            if (line[0] == MemberIndent)
            {
                members!.Add(line.Trim());
                continue;
            }

            string name = line[(line.Split('<')[0].LastIndexOf('.') + 1)..].Split('<')[0];
            members = types.TryGetValue(name, out IReadOnlySet<string>? known) ? (HashSet<string>)known : [];
            types[name] = members;
        }

        return types;
    }
}
