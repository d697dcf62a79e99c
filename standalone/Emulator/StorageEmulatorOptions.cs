namespace Modeldrop.Standalone.Emulator;

/// <summary>Location and settings of the storage emulator.</summary>
public sealed record StorageEmulatorOptions
{
    /// <summary>Folder of the data, in <c>azurite</c> below it; one emulator at a time. Null keeps the data in memory.</summary>
    public string? DataPath { get; init; }

    /// <summary>Folder of the installation, in <c>azurite</c> below it, shared by any number of emulators.</summary>
    public required string ToolsPath { get; init; }

    /// <summary>Ports 10000 to 10002, which storage tools expect, when all three are free; otherwise any free ones.</summary>
    public bool PreferDefaultPorts { get; init; } = true;

    /// <summary>Receives notes on slow steps, a line at a time.</summary>
    public Action<string> Progress { get; init; } = _ => { };
}
