namespace Modeldrop.LocalHost;

/// <summary>Where an app begins.</summary>
public class FunctionsApplication
{
    /// <summary>
    /// A builder for the functions of the entry assembly, configured from host.json, local.settings.json, appsettings.json,
    /// the environment and <paramref name="args"/>; starts the storage emulator when no account is configured.
    /// </summary>
    public static FunctionsApplicationBuilder CreateBuilder(string[] args) => 
        FunctionsApplicationBuilder.Create(new HostStart { Args = args, OwnsProcess = true });
}
