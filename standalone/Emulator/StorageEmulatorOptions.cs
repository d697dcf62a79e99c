namespace Modeldrop.Standalone.Emulator;

/// <summary>Where and how the storage emulator runs.</summary>
public sealed record StorageEmulatorOptions
{
    /// <summary>Its data are kept in <c>azurite</c> below; one emulator at a time. Null keeps them in memory.</summary>
    public string? DataPath { get; init; }

    /// <summary>It is installed in <c>azurite</c> below, once for any number of emulators.</summary>
    public required string ToolsPath { get; init; }

    /// <summary>Ports 10000 to 10002, which storage tools expect, when all three are free; otherwise any free ones.</summary>
    public bool PreferDefaultPorts { get; init; } = true;

    /// <summary>Told what takes long, a line at a time.</summary>
    public Action<string> Progress { get; init; } = _ => { };
}
