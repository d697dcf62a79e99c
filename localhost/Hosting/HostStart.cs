using System.Reflection;

namespace Modeldrop.LocalHost;

/// <summary>What a builder starts from. An app takes the defaults; a test runs a host inside its own process.</summary>
internal sealed record HostStart
{
    public string[] Args { get; init; } = [];

    /// <summary>Null for all types of the entry assembly.</summary>
    public IReadOnlyList<Type>? FunctionTypes { get; init; }

    /// <summary>Settings above all others.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; init; } = new Dictionary<string, string?>();

    /// <summary>Where host.json, local.settings.json and appsettings.json are.</summary>
    public string BaseDirectory { get; init; } = AppContext.BaseDirectory;

    /// <summary>Whether what keeps the host from starting is a sentence on standard error and the end of the process.</summary>
    public bool OwnsProcess { get; init; }

    public IEnumerable<Type> Types() => FunctionTypes ?? Assembly.GetEntryAssembly()?.GetTypes() ?? [];
}
