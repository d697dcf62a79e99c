using System.Globalization;

namespace Modeldrop.Probe;

/// <summary>
/// The environment variables of a child. An allow list, since on Azure connection strings and keys are environment variables.
/// </summary>
internal static class ChildEnvironment
{
    private static readonly string[] Allowed = [
        "PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SystemRoot", "DOTNET_ROOT", "DOTNET_gcServer"];

    /// <summary>Replaces all variables that the child would inherit.</summary>
    public static void Set(IDictionary<string, string?> variables, string workFolder, long maxMemoryBytes)
    {
        foreach (string name in variables.Keys.Except(Allowed, StringComparer.OrdinalIgnoreCase).ToList())
        {
            variables.Remove(name);
        }

        foreach (string name in (string[])["TMPDIR", "TEMP", "TMP", "HOME"])
        {
            variables[name] = workFolder;
        }

        // Hexadecimal by definition. The managed part reads tables and JSON; the model's own memory is native.
        variables["DOTNET_GCHeapHardLimit"] = (maxMemoryBytes / 4 * 3).ToString("X", CultureInfo.InvariantCulture);
        variables["DOTNET_gcServer"] = "0";
        // No debugger or profiler may attach, and no crash dump with the model's data may remain.
        variables["DOTNET_EnableDiagnostics"] = "0";
        variables["DOTNET_DbgEnableMiniDump"] = "0";
    }
}
