namespace Modeldrop.Tests.Standalone;

internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("modeldrop-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
