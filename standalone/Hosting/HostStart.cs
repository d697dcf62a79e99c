using Modeldrop.Functions;

namespace Modeldrop.Standalone.Hosting;

/// <summary>The inputs of a builder. The program uses the defaults; a test runs a host inside its own process.</summary>
internal sealed record HostStart
{
    public string[] Args { get; init; } = [];

    /// <summary>The types that contain functions.</summary>
    public IReadOnlyList<Type> FunctionTypes { get; init; } = typeof(ModeldropApp).Assembly.GetTypes();

    /// <summary>Settings that override all others.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; init; } = new Dictionary<string, string?>();

    /// <summary>Folder of local.settings.json and appsettings.json.</summary>
    public string BaseDirectory { get; init; } = AppContext.BaseDirectory;
}
