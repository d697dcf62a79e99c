using Modeldrop.Functions;

namespace Modeldrop.Standalone.Hosting;

/// <summary>What a builder starts from. The program takes the defaults; a test runs a host inside its own process.</summary>
internal sealed record HostStart
{
    public string[] Args { get; init; } = [];

    /// <summary>Where the functions are.</summary>
    public IReadOnlyList<Type> FunctionTypes { get; init; } = typeof(ModeldropApp).Assembly.GetTypes();

    /// <summary>Settings above all others.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; init; } = new Dictionary<string, string?>();

    /// <summary>Where local.settings.json and appsettings.json are.</summary>
    public string BaseDirectory { get; init; } = AppContext.BaseDirectory;
}
