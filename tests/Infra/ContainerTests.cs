using System.Text.Json;
using System.Text.RegularExpressions;

namespace Modeldrop.Tests.Infra;

/// <summary>Dockerfile, compose.yaml and the container app of infra/ agree.</summary>
public sealed class ContainerTests
{
    private static readonly string Dockerfile = RepositoryText.Read("Dockerfile");
    private static readonly string Compose = RepositoryText.Read("compose.yaml");
    private static readonly string ScoringApp = RepositoryText.Read("infra/modules/scoring-app.bicep");

    [Fact]
    public void Compose_Azurite_HasTheVersionOfTheLockFile()
    {
        using JsonDocument package = JsonDocument.Parse(RepositoryText.Read("standalone/Emulator/package.json"));
        string version = package.RootElement.GetProperty("dependencies").GetProperty("azurite").GetString()!;

        Assert.Contains($"image: mcr.microsoft.com/azure-storage/azurite:{version}\n", Compose, StringComparison.Ordinal);
    }

    [Fact]
    public void Port_OfTheImage_IsTheSameInEveryFile()
    {
        string port = Regex.Match(Dockerfile, @"^EXPOSE (?<port>\d+)$", RegexOptions.Multiline).Groups["port"].Value;

        Assert.Contains($"ASPNETCORE_URLS=http://+:{port} ", Dockerfile, StringComparison.Ordinal);
        Assert.Contains($"var port = {port}\n", ScoringApp, StringComparison.Ordinal);
        Assert.Contains($"- 127.0.0.1:8080:{port}\n", Compose, StringComparison.Ordinal);
        Assert.Contains($"- 127.0.0.1:8081-8099:{port}\n", Compose, StringComparison.Ordinal);
    }

    [Fact]
    public void Image_Process_IsStandaloneAndNotRoot()
    {
        string project = RepositoryText.Read("standalone/Standalone.csproj");
        string name = Regex.Match(project, "<AssemblyName>(?<name>[^<]+)</AssemblyName>").Groups["name"].Value;

        Assert.EndsWith($"USER $APP_UID\nENTRYPOINT [\"dotnet\", \"{name}.dll\"]\n", Dockerfile, StringComparison.Ordinal);
    }

    [Fact]
    public void Compose_OwnerKey_ComesFromTheEnvironment() =>
        Assert.Contains("Access__OwnerKey: ${Access__OwnerKey:-}", Compose, StringComparison.Ordinal);
}
